"use strict";
(() => {
  const films = JSON.parse(document.getElementById("films").textContent);
  const words = JSON.parse(document.getElementById("words").textContent);
  const pages = [...document.querySelectorAll(".pages li")].map(page => page.querySelector("img"));
  const steps = films.flatMap((film, k) => [
    ...(films.length > 1 ? [{heading: true, caption: "", alt: film.title, notes: ""}] : []),
    ...film.steps,
  ].map(step => ({...step, film, k})));
  const find = selector => document.querySelector(selector);
  const deck = find(".deck"), stage = find(".stage"), still = find(".still");
  const begin = find(".begin"), card = find(".card"), blank = find(".blank"), told = find(".told");
  const caption = find(".caption"), count = find(".count");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let at = 0, broken = false, typed = "", presenter = null;

  document.body.classList.add("live");

  // A film lies in the page as text; as a blob it can be searched through, from disk, too.
  const videos = films.map(film => {
    const video = document.createElement("video");
    const bytes = Uint8Array.from(atob(film.video), letter => letter.charCodeAt(0));
    video.src = URL.createObjectURL(new Blob([bytes], {type: "video/mp4"}));
    film.video = "";
    video.muted = video.playsInline = true;
    video.preload = "auto";
    video.hidden = true;
    video.poster = pages[steps.findIndex(step => step.film === film && !step.heading)].src;
    const track = document.createElement("track");
    Object.assign(track, {kind: "captions", srclang: film.language, src: film.track});
    video.append(track);
    video.addEventListener("error", () => { broken = true; show(at, "end"); });
    video.addEventListener("timeupdate", watch);
    video.addEventListener("ended", watch);
    stage.prepend(video);
    return video;
  });

  const video = () => videos[steps[at].k];
  const ends = step => (step.last + 0.5) / step.film.fps;
  
  function state(value) {
    deck.dataset.state = value;
    const alone = parent === window; // else these lead out of the deck at its ends
    find("[data-do=back]").disabled = at === 0 && alone;
    find("[data-do=next]").disabled = at === steps.length - 1 && value === "ended" && alone;
  }


  function show(k, how, anyway = false) {
    if (k < 0 || k >= steps.length) return outwards(k < 0 ? "prev" : "next");
    const last = video(), from = at;
    at = k;
    const step = steps[at], film = video();
    if (film !== last) last.pause();
    const quiet = broken || (calm.matches && !anyway);
    card.hidden = !step.heading;
    card.textContent = step.heading ? step.film.title : "";
    if (!step.heading) still.src = pages[at].src;
    still.alt = step.alt;
    still.hidden = step.heading || !(quiet || how === "ready");
    begin.hidden = how !== "ready" || Boolean(step.heading);
    for (const other of videos) other.hidden = step.heading || other !== film || !still.hidden;
    film.setAttribute("aria-label", step.alt);
    stage.setAttribute("aria-label", `${at + 1} / ${steps.length}`);
    caption.textContent = step.caption;
    count.textContent = `${at + 1} / ${steps.length}`;
    find(".where span").style.width = `${100 * (at + 1) / steps.length}%`;
    deck.dataset.step = at + 1;
    try { history.replaceState(null, "", `#${at + 1}`); } catch { /* a frame without an address */ }
    presenter?.show(at);
    if (step.heading) { film.pause(); return state("ended"); }
    if (how === "ready") return state("ready");
    if (quiet) return state("ended");
    if (how === "end") { film.pause(); stop(film, ends(step)); return state("ended"); }
    // Going on from the frame before needs no search, which would show.
    const goesOn = film === last && from === at - 1 && !steps[from].heading && deck.dataset.state === "ended";
    if (!goesOn) film.currentTime = (step.first + 0.01) / step.film.fps;
    play(film);
  }

  function play(film) {
    state("playing");
    film.play().then(look, () => { if (deck.dataset.state === "playing" && film.paused) show(at, "end"); });
  }

  function look() { watch(); if (deck.dataset.state === "playing") requestAnimationFrame(look); }

  function watch() {
    const film = video(), step = steps[at];
    if (deck.dataset.state !== "playing" || film.seeking) return;
    if (film.currentTime < step.last / step.film.fps && !film.ended) return;
    film.pause();
    stop(film, ends(step));
    state("ended");
  }

  // A busy browser may leave the picture of before where a film that rests is searched through
  // twice in a row; then it is asked again.
  function stop(film, time) {
    let shown = !film.requestVideoFrameCallback;
    if (!shown) film.requestVideoFrameCallback((now, {mediaTime}) => { shown = Math.abs(mediaTime - time) < 0.1; });
    film.currentTime = time;
    setTimeout(() => { if (!shown && film.paused && film.currentTime === time) film.currentTime = time + 1e-3; }, 400);
  }

  // Where the deck is a frame of a reveal.js deck, its first and last step lead on there.
  function outwards(method) {
    if (parent !== window) parent.postMessage(JSON.stringify({method}), "*");
  }

  const ready = () => deck.dataset.state === "ready";
  const going = () => ["playing", "paused"].includes(deck.dataset.state);

  function pause() {
    if (deck.dataset.state !== "playing") return;
    state("paused");
    video().pause();
  }

  function darken(white) {
    const same = !blank.hidden && blank.classList.contains("white") === white;
    blank.classList.toggle("white", white);
    blank.hidden = same;
    pause();
  }

  function overview() {
    const tiles = find(".tiles");
    tiles.replaceChildren(...steps.map((step, k) => {
      const tile = document.createElement("button"), number = document.createElement("span");
      tile.type = "button";
      if (!step.heading) tile.setAttribute("aria-label", `${k + 1}: ${step.caption || step.alt}`);
      if (k === at) tile.setAttribute("aria-current", "step");
      if (step.heading) tile.append(step.film.title);
      else tile.append(Object.assign(new Image(), {src: pages[k].src, alt: ""}));
      number.textContent = k + 1;
      tile.append(number);
      tile.addEventListener("click", () => { find(".overview").close(); show(k, "end"); });
      return tile;
    }));
    pause();
    find(".overview").showModal();
    const here = find(".tiles [aria-current]");
    here.scrollIntoView({block: "center"});
    here.focus();
  }

  function present() {
    presenter = presenterWindow(words, steps, pages, {
      shown: () => at, act: name => acts[name](), keydown, gone: () => { presenter = null; },
    });
    told.textContent = presenter ? "" : words.blocked;
    setTimeout(() => { told.textContent = ""; }, 8000);
  }

  const acts = {
    next: () => ready() ? show(at, "play") : going() ? show(at, "end") : show(at + 1, "play"),
    back: () => show(at - 1, "end"),
    replay: () => show(at, "play", true),
    first: () => show(0, "end"),
    last: () => show(steps.length - 1, "end"),
    captions: () => {
      const spoken = caption.classList.toggle("spoken");
      find("[data-do=captions]").setAttribute("aria-pressed", String(!spoken));
    },
    pause: () => deck.dataset.state === "paused" ? play(video()) : pause(),
    black: () => darken(false),
    white: () => darken(true),
    overview,
    help: () => { pause(); find(".help").showModal(); },
    presenter: () => presenter ? presenter.focus() : present(),
    full: () => {
      if (!document.fullscreenEnabled) return;
      const done = document.fullscreenElement ? document.exitFullscreen() : deck.requestFullscreen();
      done.catch(() => { find("[data-do=full]").hidden = true; });
    },
  };
  const keys = {
    ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", Enter: "next", n: "next",
    ArrowLeft: "back", ArrowUp: "back", PageUp: "back", Backspace: "back", p: "back",
    r: "replay", Home: "first", End: "last", c: "captions", f: "full",
    k: "pause", b: "black", ".": "black", w: "white", o: "overview", s: "presenter", "?": "help",
  };

  // Digits are kept until Enter, which goes to the step of that number.
  function number(event) {
    if (/^[0-9]$/.test(event.key)) typed = (typed + event.key).slice(-4);
    else if (event.key === "Enter" && typed) {
      const asked = Number(typed);
      typed = "";
      if (asked >= 1 && asked <= steps.length) show(asked - 1, "end");
    } else { typed = ""; return false; }
    count.textContent = `${typed || at + 1} / ${steps.length}`;
    event.preventDefault();
    return true;
  }

  function keydown(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const open = find("dialog[open]");
    if (open) {
      const own = open.matches(".help") ? "?" : "o";
      if (event.key.toLowerCase() === own) { event.preventDefault(); open.close(); }
      return;
    }
    const pressed = event.target.closest?.("button") && [" ", "Enter"].includes(event.key);
    const act = keys[event.key.length > 1 ? event.key : event.key.toLowerCase()];
    if (event.repeat && (act || pressed)) return event.preventDefault();
    if (!blank.hidden && !["black", "white"].includes(act)) {
      if (act || event.key === "Escape") { event.preventDefault(); blank.hidden = true; }
      return;
    }
    if (number(event) || !act || pressed) return;
    event.preventDefault();
    acts[act]();
  }
  addEventListener("keydown", keydown);
  blank.addEventListener("click", () => { blank.hidden = true; });
  // The second click of a double one is no wish to go on.
  const doubled = event => event.detail > 0 && event.detail % 2 === 0;
  for (const button of document.querySelectorAll("[data-do]"))
    button.addEventListener("click", event => { if (!doubled(event)) acts[button.dataset.do](); });
  find("[data-do=full]").hidden = !document.fullscreenEnabled;

  let touched = null, swiped = false;
  stage.addEventListener("touchstart", event => { touched = event.changedTouches[0]; swiped = false; },
    {passive: true});
  stage.addEventListener("touchend", event => {
    const far = event.changedTouches[0].clientX - (touched?.clientX ?? 0);
    if (!touched || Math.abs(far) < 40) return;
    swiped = true;
    acts[far < 0 ? "next" : "back"]();
  });
  stage.addEventListener("click", event => {
    if (swiped) { swiped = false; return; }
    if (doubled(event)) return;
    const box = stage.getBoundingClientRect();
    const left = event.clientX && event.clientX < box.left + box.width / 4;
    acts[left && !ready() ? "back" : "next"]();
  });
  addEventListener("message", event => {
    if (event.data === "slide:start") {
      window.focus();
      deck.focus();
      if (ready()) acts.next();
    }
    if (event.data === "slide:stop") {
      if (going()) show(at, "end");
      if (parent !== window && document.hasFocus()) parent.focus();
    }
  });

  if (deck.dataset.burnt === "false") find("[data-do=captions]").setAttribute("aria-pressed", "true");
  else caption.classList.add("spoken");
  const asked = Number(location.hash.slice(1));
  show(asked >= 1 && asked <= steps.length ? asked - 1 : 0, "ready");
  if (parent === window) deck.focus();
})();
