"""Slides for PowerPoint, Keynote and LibreOffice: one per step, each with its own film.

A slide holds the film of its step and, above it, the picture that the step ends with. While
slides are shown the picture stays away until the film has ended, where nothing is seen of the
change; on paper, in an overview, and in programs that drop films, it is what one sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import ImageColor

from lstmviz.export.common.format import Format
from lstmviz.export.common.progress import Progress
from lstmviz.export.common.steps import pictures, title_of, words_of
from lstmviz.export.video import mp4
from lstmviz.reel.reel import Reel, Step
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.patterns import filled
from lstmviz.system.temporary import folder
from lstmviz.system.texts import writable

if TYPE_CHECKING:
    from pptx.presentation import Presentation

    from lstmviz.system.disk_cache import Cache

FORMAT = Format(
    ".pptx",
    "deck",
    "slides for PowerPoint",
    "talks",
    extra="slides",
    needs=("pptx", "python-pptx"),
)

_WIDTH = 12192000  # EMU: 13⅓ inches, the usual slide
_MOST_LETTERS = 255  # of a property of the file
_TITLE_ONLY = 5  # of python-pptx's template: the layout that has a title and nothing else


def export(
    reel: Reel,
    path: str | Path,
    *,
    crf: float = 18,
    jobs: int | None = None,
    cache: Cache | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a slide for every step, with its film, title, description and speaker notes.

    The film plays when the slide is reached. The caption is the title, which stands above the
    slide, where outlines and screen readers find it. `crf` is the quality, as of an MP4; `jobs` and
    `cache` are as of that, too. Google Slides drops films and shows the pictures.

    Raises:
        UsageError: `crf` is not one of x264's.
        LstmvizError: python-pptx is missing, the file could not be written.
    """
    deck([reel], path, crf=crf, jobs=jobs, cache=cache, force=force, progress=progress)


def deck(
    reels: Sequence[Reel],
    path: str | Path,
    *,
    title: str | None = None,
    crf: float = 18,
    jobs: int | None = None,
    cache: Cache | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write the slides of several stories into one file, one after the other."""
    show = _presentation()
    shape = max(reels, key=lambda reel: reel.height / reel.width)
    width = min(_WIDTH, round(_WIDTH * shape.width / shape.height))  # of a tall film, it is high
    show.slide_width = width  # type: ignore[assignment]
    show.slide_height = round(width * shape.height / shape.width)  # type: ignore[assignment]
    show.core_properties.title = writable(title or title_of(reels))[:_MOST_LETTERS]
    show.core_properties.author = ""
    show.core_properties.language = reels[0].language[:_MOST_LETTERS]
    with whole_file(path, ".pptx", force=force) as temporary, folder() as clips:
        for number, reel in enumerate(reels):
            place = clips / str(number)
            place.mkdir()
            share = None if progress is None else _share(progress, number, len(reels))
            made = mp4.clips(reel, place, crf=crf, jobs=jobs, cache=cache, progress=share)
            steps = [step for step, _ in made]
            begins = pictures(reel, [step.first_frame for step in steps], jobs)
            ends = pictures(reel, [step.last_frame for step in steps], jobs)
            for k, ((step, clip), begin, end) in enumerate(zip(made, begins, ends, strict=True)):
                _add_slide(show, reel, step, clip, begin, end, _notes(reel, steps, k))
        show.save(str(temporary))
    if progress is not None:
        progress(1.0)


def _presentation() -> Presentation:
    FORMAT.require()
    import pptx

    return pptx.Presentation()


def _add_slide(
    show: Presentation, reel: Reel, step: Step, clip: Path, begin: bytes, end: bytes, notes: str
) -> None:
    from pptx.dml.color import RGBColor

    slide: Any = show.slides.add_slide(show.slide_layouts[_TITLE_ONLY])
    slide.background.fill.solid()
    ground = ImageColor.getrgb(reel.background)[:3]
    slide.background.fill.fore_color.rgb = RGBColor(*ground)  # type: ignore[no-untyped-call]
    # The caption is the slide's title already.
    title = " ".join(step.caption.split()) or step.name
    said = step.alt.removeprefix(step.caption).strip() or title
    left, top, width, height = _fitted(show, reel)
    film = slide.shapes.add_movie(
        str(clip),
        left,
        top,
        width,
        height,
        mime_type="video/mp4",
        poster_frame_image=BytesIO(begin),
    )
    still = slide.shapes.add_picture(BytesIO(end), left, top, width, height)
    for thing, name in ((film, "film"), (still, "picture")):
        thing.name = f"{step.name}: {name}"
        thing._element.nvPicPr.cNvPr.set("descr", said)
    _set_title(show, slide.shapes.title, title)
    slide.notes_slide.notes_text_frame.text = notes
    length = round((step.last_frame + 1 - step.first_frame) * 1000 / reel.fps)
    _set_timing(slide, film.shape_id, still.shape_id, length)


def _notes(reel: Reel, steps: Sequence[Step], k: int) -> str:
    """What to say at a step: its caption, what its numbers are, and what comes next."""
    step, words = steps[k], words_of(reel)
    here = filled(words["step"], {"number": k + 1, "total": len(steps), "title": reel.title})
    told = [here, step.caption, step.notes]
    following = next((each.caption for each in steps[k + 1 :] if each.caption), "")
    if following:
        told.append(filled(words["following"], {"caption": following}))
    return "\n\n".join(text for text in told if text)


def _fitted(show: Presentation, reel: Reel) -> tuple[int, int, int, int]:
    """Where a film lies on the slide: as large as it can be, in the middle."""
    wide, high = int(show.slide_width or 0), int(show.slide_height or 0)
    width = min(wide, round(high * reel.width / reel.height))
    height = round(width * reel.height / reel.width)
    return (wide - width) // 2, (high - height) // 2, width, height


def _set_title(show: Presentation, title: Any, text: str) -> None:
    from pptx.util import Pt

    title.text_frame.text = text
    title.text_frame.paragraphs[0].font.size = Pt(14)
    title.left, title.width, title.height = 0, show.slide_width, Pt(40)
    title.top = -title.height - Pt(10)


def _set_timing(slide: Any, film: int, still: int, length: int) -> None:
    """Play the film (a shape's number) when the slide is reached; then show the picture."""
    from pptx.oxml import parse_xml

    for old in slide._element.findall(f"{_P}timing"):
        slide._element.remove(old)
    timing = parse_xml(_TIMING.format(film=film, still=still, length=length))
    # The order of a slide's elements is fixed: only extensions follow the timing.
    extensions = slide._element.find(f"{_P}extLst")
    if extensions is None:
        slide._element.append(timing)
    else:
        extensions.addprevious(timing)


def _share(progress: Progress, number: int, count: int) -> Progress:
    return lambda done: progress((number + done) / count)


_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
# What PowerPoint itself writes for "play automatically" and "appear after previous"; python-pptx,
# which writes all else, knows no animations.
_TIMING = """
<p:timing xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">
 <p:tnLst><p:par><p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot"><p:childTnLst>
  <p:seq concurrent="1" nextAc="seek">
   <p:cTn id="2" dur="indefinite" nodeType="mainSeq"><p:childTnLst>
    <p:par><p:cTn id="3" fill="hold">
     <p:stCondLst><p:cond delay="indefinite"/><p:cond evt="onBegin" delay="0"><p:tn val="2"/>
     </p:cond></p:stCondLst>
     <p:childTnLst>
      <p:par><p:cTn id="4" fill="hold"><p:stCondLst><p:cond delay="0"/></p:stCondLst>
       <p:childTnLst><p:par>
        <p:cTn id="5" presetID="1" presetClass="mediacall" presetSubtype="0" fill="hold"
               nodeType="afterEffect">
         <p:stCondLst><p:cond delay="0"/></p:stCondLst>
         <p:childTnLst><p:cmd type="call" cmd="playFrom(0.0)"><p:cBhvr>
          <p:cTn id="6" dur="{length}" fill="hold"/>
          <p:tgtEl><p:spTgt spid="{film}"/></p:tgtEl>
         </p:cBhvr></p:cmd></p:childTnLst>
        </p:cTn></p:par></p:childTnLst>
      </p:cTn></p:par>
      <p:par><p:cTn id="7" fill="hold"><p:stCondLst><p:cond delay="{length}"/></p:stCondLst>
       <p:childTnLst><p:par>
        <p:cTn id="8" presetID="1" presetClass="entr" presetSubtype="0" fill="hold"
               nodeType="afterEffect">
         <p:stCondLst><p:cond delay="0"/></p:stCondLst>
         <p:childTnLst><p:set>
          <p:cBhvr>
           <p:cTn id="9" dur="1" fill="hold"><p:stCondLst><p:cond delay="0"/></p:stCondLst></p:cTn>
           <p:tgtEl><p:spTgt spid="{still}"/></p:tgtEl>
           <p:attrNameLst><p:attrName>style.visibility</p:attrName></p:attrNameLst>
          </p:cBhvr>
          <p:to><p:strVal val="visible"/></p:to>
         </p:set></p:childTnLst>
        </p:cTn></p:par></p:childTnLst>
      </p:cTn></p:par>
     </p:childTnLst>
    </p:cTn></p:par></p:childTnLst>
   </p:cTn>
   <p:prevCondLst><p:cond evt="onPrev" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond>
   </p:prevCondLst>
   <p:nextCondLst><p:cond evt="onNext" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond>
   </p:nextCondLst>
  </p:seq>
  <p:video><p:cMediaNode vol="80000">
   <p:cTn id="10" fill="hold" display="0">
    <p:stCondLst><p:cond delay="indefinite"/></p:stCondLst>
   </p:cTn>
   <p:tgtEl><p:spTgt spid="{film}"/></p:tgtEl>
  </p:cMediaNode></p:video>
 </p:childTnLst></p:cTn></p:par></p:tnLst>
</p:timing>
"""
