"""Slides for PowerPoint, Keynote and LibreOffice: one per step, each with its own film.

A slide holds the film of its step and, above it, the picture that the step ends with. While
slides are shown the picture stays away until the film has ended, where nothing is seen of the
change; on paper, in an overview, and in programs that drop films, it is what one sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import ImageColor

from lstmviz.export.common.format import Format
from lstmviz.export.common.palette import palette_png
from lstmviz.export.common.progress import Progress, part_of
from lstmviz.export.common.steps import parts, pictures, title_of, words_of
from lstmviz.export.slides.master import TITLE, TITLE_ONLY, describe, new_deck
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

CRF = 21  # of the films, which are a fifth smaller than with that of a film alone
_WIDTH = 12192000  # EMU: 13⅓ inches, the usual slide


def export(
    reel: Reel,
    path: str | Path,
    *,
    crf: float = CRF,
    jobs: int | None = None,
    cache: Cache | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a title slide, and a slide for every step with its film, title and speaker notes.

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
    crf: float = CRF,
    jobs: int | None = None,
    cache: Cache | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write the slides of several stories into one file, each after a slide with its title."""
    FORMAT.require()
    shape = max(reels, key=lambda reel: reel.height / reel.width)
    width = min(_WIDTH, round(_WIDTH * shape.width / shape.height))  # of a tall film, it is high
    show = new_deck(width, round(width * shape.height / shape.width), reels[0].background)
    first = parts(reels[0])[0].last_frame
    told = writable(title or title_of(reels))
    describe(show, told, reels[0].language, reels[0].frame(first))
    with whole_file(path, ".pptx", force=force) as temporary, folder() as clips:
        told_reel: Reel | None = None
        for made in step_slides(reels, clips, crf=crf, jobs=jobs, cache=cache, progress=progress):
            if made.reel is not told_reel:
                told_reel = made.reel
                _add_title_slide(show, made.reel)
            _add_slide(show, made)
        list_notes_master(show)
        show.save(str(temporary))
    if progress is not None:
        progress(1.0)


@dataclass(frozen=True)
class StepSlide:
    """What a slide shows: a step of a reel, its film, its first and last picture, its notes."""

    reel: Reel
    step: Step
    clip: Path
    begin: bytes
    end: bytes
    notes: str

    @property
    def title(self) -> str:
        """The caption in one line, or the name of a step that has none."""
        return " ".join(self.step.caption.split()) or self.step.name

    @property
    def shown(self) -> str:
        """What the last picture shows, without the caption, which is the slide's title already."""
        return self.step.alt.removeprefix(self.step.caption).strip() or self.title

    @property
    def length(self) -> int:
        """How long the film takes, in milliseconds."""
        return round((self.step.last_frame + 1 - self.step.first_frame) * 1000 / self.reel.fps)


def step_slides(
    reels: Sequence[Reel],
    clips: Path,
    *,
    crf: float = CRF,
    jobs: int | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
) -> Iterator[StepSlide]:
    """Give what each slide shows, story by story; the films lie in the folder `clips`."""
    for number, reel in enumerate(reels):
        place = clips / str(number)
        place.mkdir()
        share = part_of(progress, number / len(reels), 1 / len(reels))
        made = mp4.clips(reel, place, crf=crf, jobs=jobs, cache=cache, progress=share)
        steps = [step for step, _ in made]
        begins = pictures(reel, [step.first_frame for step in steps], jobs, palette_png)
        ends = pictures(reel, [step.last_frame for step in steps], jobs, palette_png)
        for k, ((step, clip), begin, end) in enumerate(zip(made, begins, ends, strict=True)):
            yield StepSlide(reel, step, clip, begin, end, _notes(reel, steps, k))


def _add_title_slide(show: Presentation, reel: Reel) -> None:
    """Say what comes: the story's title, what stands behind its colon, and for the speaker more."""
    slide: Any = show.slides.add_slide(show.slide_layouts[TITLE])
    head, *rest = re.split("[:：]", reel.title, maxsplit=1)
    slide.shapes.title.text_frame.text = head.strip()
    below = slide.placeholders[1]
    if rest and rest[0].strip():
        text = rest[0].strip()
        below.text_frame.text = text[:1].upper() + text[1:]
    else:
        below._element.getparent().remove(below._element)
    slide.notes_slide.notes_text_frame.text = "\n\n".join(filter(None, (reel.title, reel.alt)))


def _add_slide(show: Presentation, made: StepSlide) -> None:
    from pptx.dml.color import RGBColor

    slide: Any = show.slides.add_slide(show.slide_layouts[TITLE_ONLY])
    slide.background.fill.solid()
    ground = ImageColor.getrgb(made.reel.background)[:3]
    slide.background.fill.fore_color.rgb = RGBColor(*ground)  # type: ignore[no-untyped-call]
    wide, high = int(show.slide_width or 0), int(show.slide_height or 0)
    hide_title(slide.shapes.title, made.title, wide)
    put_film(slide, made, (0, 0, wide, high))


Area = tuple[int, int, int, int]  # left, top, width, height


def put_film(slide: Any, made: StepSlide, area: Area) -> None:
    """Put the film and its last picture into an area of a slide, with notes, to play by itself."""
    place = fitted(area, made.reel.width / made.reel.height)
    film = slide.shapes.add_movie(
        str(made.clip), *place, mime_type="video/mp4", poster_frame_image=BytesIO(made.begin)
    )
    still = slide.shapes.add_picture(BytesIO(made.end), *place)
    moving = filled(words_of(made.reel)["film-of"], {"caption": made.title})
    for thing, name, said in ((film, "film", moving), (still, "picture", made.shown)):
        thing.name = f"{made.step.name}: {name}"
        thing._element.nvPicPr.cNvPr.set("descr", said)
    slide.notes_slide.notes_text_frame.text = made.notes
    _set_timing(slide, film.shape_id, still.shape_id, made.length)


def fitted(area: Area, shape: float) -> Area:
    """Give the largest place of a shape (width / height) in the middle of an area."""
    left, top, wide, high = area
    width = min(wide, round(high * shape))
    height = round(width / shape)
    return left + (wide - width) // 2, top + (high - height) // 2, width, height


def hide_title(title: Any, text: str, width: int) -> None:
    """Let a title stand above the slide: outlines find it there, and nobody sees it twice."""
    from pptx.util import Pt

    title.text_frame.text = text
    title.text_frame.paragraphs[0].font.size = Pt(14)
    title.left, title.width, title.height = 0, width, Pt(40)
    title.top = -title.height - Pt(10)


def list_notes_master(show: Presentation) -> None:
    """Name the notes' master in the presentation, as PowerPoint does; python-pptx leaves it out."""
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.oxml import parse_xml

    root = show.part._element
    if root.find(f"{_P}notesMasterIdLst") is not None:
        return
    name = show.part.relate_to(show.part.notes_master_part, RELATIONSHIP_TYPE.NOTES_MASTER)
    listed = parse_xml(
        f'<p:notesMasterIdLst xmlns:p="{_P[1:-1]}" xmlns:r="{_R}">'
        f'<p:notesMasterId r:id="{name}"/></p:notesMasterIdLst>'
    )
    root.find(f"{_P}sldMasterIdLst").addnext(listed)


def _notes(reel: Reel, steps: Sequence[Step], k: int) -> str:
    """What to say at a step: its caption, what its numbers are, and what comes next."""
    step, words = steps[k], words_of(reel)
    here = filled(words["step"], {"number": k + 1, "total": len(steps), "title": reel.title})
    told = [here, step.caption, step.notes]
    following = next((each.caption for each in steps[k + 1 :] if each.caption), "")
    if following:
        told.append(filled(words["following"], {"caption": following}))
    return "\n\n".join(text for text in told if text)


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


_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
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
