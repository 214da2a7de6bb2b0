// The window of the speaker is a blank page of ours, so that it can be written to from disk, too.
function presenterWindow(words, steps, pages, main) {
  const popup = open("", "", "popup,width=1000,height=680");
  if (!popup) return null;
  const page = popup.document, started = {at: Date.now()};
  page.title = words.presenter;
  page.documentElement.lang = document.documentElement.lang;
  const style = page.createElement("style");
  style.textContent = document.querySelector("style").textContent + `
    body { display: grid; grid-template: auto minmax(0, 1fr) auto / 3fr 2fr; gap: 1rem; padding: 1rem; }
    header, footer { grid-column: 1 / 3; display: flex; gap: 1rem; align-items: center; }
    header time { font-size: 2rem; font-variant-numeric: tabular-nums; margin-left: auto; }
    button { padding: .5rem 1rem; border: 0; border-radius: .4rem; background: var(--soft); color: var(--ink); font: inherit; cursor: pointer; }
    section { min-height: 0; overflow: auto; } h2 { font-size: 1rem; margin: .4rem 0; }
    img { display: block; width: 100%; border: 1px solid var(--soft); } .said { font-size: 1.25rem; white-space: pre-line; }`;
  page.head.append(style);
  const made = (tag, into, text = "") => {
    const element = page.createElement(tag);
    element.textContent = text;
    into.append(element);
    return element;
  };
  const picture = (into, text) => {
    const title = made("h2", into, text), image = made("img", into), card = made("p", into);
    return k => {
      const step = steps[k];
      title.hidden = !step;
      image.hidden = !step || Boolean(step.heading);
      card.textContent = step?.heading ? step.film.title : "";
      if (step && !step.heading) Object.assign(image, {src: pages[k].src, alt: step.alt});
    };
  };
  const header = made("header", page.body), count = made("span", header), clock = made("time", header);
  clock.setAttribute("aria-label", words.clock);
  made("button", header, words.reset).addEventListener("click", () => { started.at = Date.now(); tick(); });
  const left = made("section", page.body), right = made("section", page.body);
  const here = picture(left, words.now), said = made("p", left), soon = picture(right, words.upcoming);
  said.className = "said";
  const footer = made("footer", page.body);
  for (const name of ["back", "next"])
    made("button", footer, words[name]).addEventListener("click", () => main.act(name));
  const two = number => String(number).padStart(2, "0");
  function tick() {
    const seconds = Math.floor((Date.now() - started.at) / 1000);
    clock.textContent = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  }
  function show(k) {
    count.textContent = `${k + 1} / ${steps.length}`;
    said.textContent = [steps[k].caption, steps[k].notes].filter(Boolean).join("\n\n");
    here(k);
    soon(k + 1);
  }
  const ticking = setInterval(() => {
    if (!popup.closed) return tick();
    clearInterval(ticking);
    main.gone();
  }, 500);
  popup.addEventListener("keydown", main.keydown);
  addEventListener("pagehide", () => popup.close());
  tick();
  show(main.shown());
  return {show, focus: () => popup.closed ? 0 : popup.focus()};
}
