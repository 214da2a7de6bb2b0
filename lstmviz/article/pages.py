"""The pages of the article: one for browsers, which needs nothing but its folder, and Markdown.

Jinja2 was weighed: two more packages to install, for the nine fields of one page.
"""

from __future__ import annotations

import base64
import html as escaping
import re
from collections.abc import Sequence
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from lstmviz.article.figures import as_sentence
from lstmviz.export.common.subtitles import cues_of, vtt

if TYPE_CHECKING:
    from lstmviz.article.figures import Figure
    from lstmviz.reel.reel import Step
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme


def html(figures: Sequence[Figure], words: Language, theme: Theme) -> str:
    """Write the page that shows finished figures in order, in the colours of the theme.

    Films and posters lie beside it; style, script and subtitles are in it. It opens from
    disk, and asks no server for anything.
    """
    say = words.article.__getitem__
    template = Template((files("lstmviz.article") / "pages.html").read_text(encoding="utf-8"))
    return template.substitute(
        lang=_quoted(words.code),
        title=_quoted(say("page-title")),
        lead=_quoted(say("page-lead")),
        contents=_quoted(say("page-contents")),
        made=_quoted(say("page-made")),
        scheme=theme.name if theme.name in ("dark", "light") else "normal",
        colours=_colours(theme),
        cards="\n".join(map(_card, figures)),
        figures="\n".join(_section(figure, words) for figure in figures),
    )


def markdown(figures: Sequence[Figure], words: Language) -> str:
    """Write the same for a README or a blog: a heading, the picture and the sentences of each."""
    say = words.article.__getitem__
    parts = [f"# {_plain(say('page-title'))}", _plain(say("page-lead"))]
    for figure in figures:
        title, line = split(figure.title)
        parts.append(f"## {figure.number}. {_plain(title)}")
        if line:
            parts.append(f"{_plain(line)}{words.article['page-stop']}")
        # The sentences stand right below, so that the alternative text need not repeat them.
        alt = _plain(title)
        film, poster = figure.file(".mp4"), figure.file(".png")
        gif = figure.file(".gif")
        parts.append(f"![{alt}]({gif})" if gif else f"[![{alt}]({poster})]({film})")
        sentences = (f"{k}. {_plain(step.caption)}" for k, step in enumerate(figure.steps, 1))
        parts.append("\n".join(sentences))
    return "\n\n".join(parts) + "\n"


def _colours(theme: Theme) -> str:
    named = {
        "background": theme.background,
        "panel": theme.panel,
        "ink": theme.ink,
        "faint": theme.faint,
        "line": theme.resting(theme.faint),
        **{f"role-{name}": color for name, color in theme.roles.items()},
    }
    return " ".join(f"--{name}: {color};" for name, color in named.items())


def _card(figure: Figure) -> str:
    title, _ = split(figure.title)
    return (
        f'<li><a href="#{figure.name}"><img src="{figure.file(".png")}" alt="" loading="lazy" '
        f'width="{figure.width}" height="{figure.height}">'
        f"<span><b>{figure.number}</b> {_quoted(title)}</span></a></li>"
    )


def _section(figure: Figure, words: Language) -> str:
    say = words.article.__getitem__
    title, line = split(figure.title)
    steps = "\n".join(_step(step) for step in figure.steps)
    summary = say("page-steps")
    tall = ' class="tall"' if figure.height >= figure.width else ""
    caption = (
        f"<figcaption>{_quoted(line + words.article['page-stop'])}</figcaption>" if line else ""
    )
    return f"""<section id="{figure.name}" aria-labelledby="{figure.name}-title">
<h2 id="{figure.name}-title"><span class="number">{figure.number}</span>{_quoted(title)}</h2>
<figure{tall}>
{_medium(figure, words)}
{caption}
</figure>
<details id="{figure.name}-steps"><summary>{_quoted(summary)}</summary>
<ol>
{steps}
</ol>
<p class="files">{_links(figure)}</p>
</details>
</section>"""


def _medium(figure: Figure, words: Language) -> str:
    """The film with its poster and subtitles; or the GIF where that is all there is."""
    size = f'width="{figure.width}" height="{figure.height}"'
    film, gif = figure.file(".mp4"), figure.file(".gif")
    if film is None:
        return f'<img src="{gif}" alt="{_quoted(figure.alt)}" {size} loading="lazy">'
    track = base64.b64encode(vtt(cues_of(figure.steps)).encode()).decode()
    label = words.article["page-subtitles"]
    # The captions are in the picture already: the track is for screen readers and translation.
    return (
        f'<video src="{film}" poster="{figure.file(".png")}" {size} controls muted playsinline '
        f'{"" if figure.duration > LONG else "loop "}preload="none" '
        f'aria-label="{_quoted(figure.title)}" aria-describedby="{figure.name}-steps">\n'
        f'<track kind="captions" srclang="{_quoted(words.code)}" label="{_quoted(label)}" '
        f'src="data:text/vtt;base64,{track}">\n</video>'
    )


LONG = 120  # seconds; a longer film is watched once, and begins when it is asked to


def _step(step: Step) -> str:
    minutes, seconds = divmod(int(step.start), 60)
    return (
        f'<li><button type="button" data-start="{step.start:.3f}">'
        f"<time>{minutes}:{seconds:02}</time> {_quoted(step.caption)}</button></li>"
    )


def _links(figure: Figure) -> str:
    return " · ".join(f'<a href="{name}">{name}</a>' for name in figure.files)


def split(title: str) -> tuple[str, str]:
    """Part `The forget gate: how much stays` into a heading and a line below it."""
    head, *rest = re.split(r"[:：]\s*", title, maxsplit=1)
    line = rest[0] if rest else ""
    return head, as_sentence(line)


def _plain(text: str) -> str:
    """Write a text so that Markdown takes every letter as it is, on one line."""
    text = re.sub(r"([\\`*_\[\]<>#|~$]|&(?=#?\w+;))", r"\\\1", " ".join(text.split()))
    return re.sub(r"^([-+=]|\d+(?=[.)]))", _unmarked, text)


def _unmarked(found: re.Match[str]) -> str:
    """Let the first letter of a line, or the point behind its number, begin no list."""
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"


def _quoted(text: str) -> str:
    return escaping.escape(text, quote=True)
