"""A Story is a Manim scene that is given a trace; its `construct` reads as prose, step by step."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from manim import Animation, FadeIn, FadeOut, ManimColor, Mobject, Scene, VGroup, Wait

from lstmviz.demo.networks import demo_network, own_input
from lstmviz.demo.review import REVIEW
from lstmviz.engine.inputs.find_tick import find_tick
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import all_cells
from lstmviz.errors import UsageError, brief
from lstmviz.reel.reel import Step
from lstmviz.stage.circuits.by_cell import name_of, name_within, spoken
from lstmviz.stage.manim.renderers import Player, Walker
from lstmviz.stage.manim.zooming import Enlargement
from lstmviz.stage.mobjects.caption import Caption, Dots, reading_time
from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.mobjects.history import History
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.stage.mobjects.lightable import Motion
from lstmviz.stage.mobjects.logo import logo_mobject
from lstmviz.stage.mobjects.needle import Needle, needle_width
from lstmviz.stage.mobjects.status import BETWEEN, Status, is_whole, status_width, status_words
from lstmviz.stage.mobjects.title_card import TitleCard
from lstmviz.stage.story.alt_text import alt_text
from lstmviz.stage.story.caption_values import Spoken, SpokenNumber
from lstmviz.stage.story.closer import Closer
from lstmviz.stage.story.speaker_notes import notes_text, undrawn_in
from lstmviz.stage.story.story_errors import ToldEnough, failing
from lstmviz.stage.story.telling import OtherInput
from lstmviz.stage.story.unhurried import LEAD, CaptionRead
from lstmviz.stage.text.fonts import Weight, named, region_of, write_as
from lstmviz.stage.text.text import TextLine
from lstmviz.style.bidi import keeping, pattern_runs_left
from lstmviz.style.language import Language, language
from lstmviz.style.layout import WIDE, Box, Layout, with_header, without_caption
from lstmviz.style.notation import Notation, quantity, written
from lstmviz.style.theme import Theme
from lstmviz.style.themes import theme_named
from lstmviz.system.clusters import clusters
from lstmviz.system.patterns import filled
from lstmviz.trace.answers import Answers, answers_of
from lstmviz.trace.tokens import unknown_words, words_of
from lstmviz.trace.trace import At, Reading, Trace
from lstmviz.trace.units import hot_features, units_to_show

LONGEST_WORD = 24  # letters of a word within a sentence
NAMES, LETTERS = 6, 24  # features that a caption names, and letters of each
PASSING = 3.0  # how much faster the moves are of what a film lets pass
OPENING = 1.5  # seconds that the title stands where the first caption will be


def _short(word: str) -> str:
    """Cut a word that would burst its sentence."""
    letters = list(islice(clusters(word), LONGEST_WORD + 1))
    return word if len(letters) <= LONGEST_WORD else "".join(letters[:LONGEST_WORD]) + "…"


class Story(Scene):
    """A film told from a trace, in named steps.

    A subclass says in its docstring what it shows, in `needs` the readings that it shows,
    and in `construct` how: a `with self.step(name, caption):` per beat. Numbers come from
    `self.now`, the moment of the trace that is told.

    `at` is the tick to tell (from 0, or as text what `find_tick` takes); without it the story
    picks the tick where most happens. `theme` and `lang` are names; `pace` above 1 is faster.
    `units` chooses the units shown of a wide state, counted from 0. Without `captions` nothing is
    written below the picture, for those who talk; the steps keep theirs. `compare` is a second
    input, for stories that compare two.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    tempo: float = 1.0  # above 1, moves are faster; captions still stand until they are read
    since: str | None = (
        None  # the step with which a film begins, where the ones before are not told
    )
    until: str | None = None  # the step after which a film goes on to another story
    passing: Collection[str] = ()  # the steps that a film lets pass quickly, without their captions
    again: bool = False  # whether a film has told it before, of another word
    begins: Callable[[], None] | None = None  # what a film does when it is told
    chapter_title: str | None = None  # what a film calls it
    refuses: ClassVar[tuple[str, ...]] = ()  # cells that have these readings, but mean other things
    needs_weights: ClassVar[bool] = False  # whether it asks for the network behind the trace
    needs_readout: ClassVar[bool] = False  # whether it shows what the network answers
    compares: ClassVar[bool] = False  # whether it tells of a second input beside that of the trace
    cell: ClassVar[str | Cell] = "lstm"  # what is drawn when the user names no cell
    network: ClassVar[str] = ""  # the one that is drawn then, if it is not the cell's usual one
    input: ClassVar[str] = REVIEW
    loop_of: ClassVar[str] = (
        ""  # the steps of its loop, as `--loop` takes them; or where most moves
    )

    def __init__(
        self,
        trace: Trace | None = None,
        *,
        at: int | str | None = None,
        theme: str | Theme = "dark",
        lang: str | Language = "en",
        pace: float = 1.0,
        units: Sequence[int] | None = None,
        captions: bool = True,
        compare: str | OtherInput | tuple[str, ...] | Series | None = None,
        layout: Layout = WIDE,
        outline: tuple[Step, ...] | None = None,
        **scene: Any,
    ) -> None:
        if trace is None:
            trace = self.own_trace()
        self.check_needs(trace)
        self.trace = trace
        self.theme = theme if isinstance(theme, Theme) else theme_named(theme)
        self.lang = spoken(trace, lang if isinstance(lang, Language) else language(lang))
        self.pace = pace
        self.captions = captions
        self.compare = self._comparable(compare)
        self.answers = self.named(answers_of(trace))
        self.layout = layout if captions else without_caption(layout)
        self.now: At = trace.at(self.pick() if at is None else find_tick(trace, at))
        self._begun_at = self.now.tick  # about which the features of one-hot tokens are shown
        self.units = tuple(units) if units is not None else self._moving_units("h")
        self.steps: list[Step] = []
        self._outline = outline
        self._frame = 0
        self._read: CaptionRead | None = None  # the caption that is told
        self._boxed: list[str] = []
        self._closer = Closer()
        self.logo: Mobject | None = None
        self._caption: Mobject = VGroup()  # or the title, before the first one
        self._dots: Mobject = VGroup()
        chinese = self.lang.code.startswith("zh")
        write_as("" if chinese else region_of(words_of(self.trace.tokens)))
        super().__init__(**scene)

    # What a story may say of itself

    @classmethod
    def story_name(cls) -> str:
        """Give the name by which users call the story: `ForgetGate` is `forget-gate`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def summary(cls) -> str:
        """Give the first line of the docstring."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    @property
    def title(self) -> str:
        """Give that line in the language of the film."""
        return self.lang.title(self.story_name(), self.summary())

    @classmethod
    def check_needs(cls, trace: Trace) -> None:
        """Refuse a trace without the readings that the story shows; say which cells have them."""
        if cls.needs_readout and trace.output is None:
            raise UsageError(
                f"The story {cls.story_name()} shows what a network answers, but this one has no "
                "readout; name its dense layer with head=, or tell a text with a network that "
                "comes along."
            )
        missing = [name for name in cls.needs if name not in trace]
        if trace.cell in cls.refuses:
            raise UsageError(
                f"The story {cls.story_name()} does not hold for the cell {trace.cell}; cells that "
                f"it holds for: {', '.join(cls.fitting_cells())}."
            )
        if missing:
            raise UsageError(
                f"The story {cls.story_name()} shows {', '.join(missing)}, which the cell "
                f"{trace.cell} does not have; cells that do: {', '.join(cls.fitting_cells())}."
            )

    @classmethod
    def fitting_cells(cls) -> list[str]:
        """Name the cells that have every reading the story shows."""
        return [
            cell.name
            for cell in all_cells()
            if cell.name not in cls.refuses
            and {*cls.needs} <= {"x", *cell.names, *(f"{state}_prev" for state in cell.state)}
        ]

    @classmethod
    def own_trace(cls) -> Trace:
        """Run what is told when the user asks for nothing else."""
        from lstmviz.load.run import run

        if not cls.network:
            return run(cls.input, cell=cls.cell)
        network = demo_network(cls.network)
        return run(own_input(network) or cls.input, network=network)

    def _comparable(
        self, other: str | OtherInput | tuple[str, ...] | Series | None
    ) -> str | tuple[str, ...] | Series | None:
        if other is not None and not self.compares:
            raise UsageError(
                f"The story {self.story_name()} tells of one input alone; leave compare= out."
            )
        return other.given if isinstance(other, OtherInput) else other

    def pick(self) -> int:
        """Choose the tick to tell when the user names none: where the output moves most."""
        return int(np.argmax(np.abs(self.trace["h"] - self.trace["h_prev"]).sum(axis=1)))

    # The words that `construct` is written in

    @contextmanager
    def step(
        self,
        name: str,
        caption: str,
        *,
        variant: str = "",
        chapter: str | None = None,
        **values: Any,
    ) -> Iterator[None]:
        """Tell one beat: show its caption, play the block, and stand until it can be read.

        `caption` is the English sentence; the language file may hold another one under the
        story's name and `name`, or `name-variant` where the story has several sentences
        for a beat. It is filled with the readings of now (`{f[0]}`), `{word}`,
        and `values`; a number is written as the pictures write it.
        """
        if self.since not in (None, name):
            yield
            return
        self._begin()
        if name in self.passing:
            with self._quickly():
                yield
            return
        first = self._frame
        key = f"{name}-{variant}" if variant else name
        try:
            pattern = self.lang.told(self.story_name(), key, caption, self.unit)
            sentence = self.say(pattern, **values)
        except UsageError as error:
            raise UsageError(f"The caption {key} of {self.story_name()}: {error}") from error
        self.next_section(name)
        self._let_title_be_read()
        read = CaptionRead(self._seconds, reading_time(sentence, self.lang.letters_per_second))
        self._turn_caption(sentence)
        turned = self._frame
        self.wait(LEAD)
        self._read = read
        with failing(type(self), name):
            yield
        self._read = None
        self.wait(read.still(self._seconds))
        last = max(self._frame - 1, first)
        self.steps.append(
            Step(
                name,
                sentence,
                first / self.rate,
                (last + 1) / self.rate,
                first,
                last,
                chapter,
                alt=alt_text(self, sentence),
                notes=" ".join(filter(None, (notes_text(self, values.get("unit")), self._boxes()))),
                moves_from=min(turned, last),
            )
        )
        if not isinstance(self.renderer, Player):  # but Manim's own, which writes subtitles
            lasted = (last + 1 - first) / self.rate
            self.add_subcaption(sentence, duration=lasted, offset=-lasted)
        ended = getattr(self.renderer, "step_ended", None)
        if ended is not None:
            ended(self)
        if self.until == name:
            raise ToldEnough

    def _begin(self) -> None:
        """Do what is to be done before the first step that is told."""
        begins, self.since, self.begins = self.begins, None, None
        if begins is not None:
            begins()

    @contextmanager
    def _quickly(self) -> Iterator[None]:
        tempo, self.tempo = self.tempo, self.tempo * PASSING
        yield
        self.tempo = tempo

    def _boxes(self) -> str:
        """Say for which characters there are boxes in the picture, each of them once."""
        new = [character for character in undrawn_in(self) if character not in self._boxed]
        self._boxed += new
        form = "No font has {characters}; a box with the code point stands there."
        return self.lang.say(form, characters=", ".join(map(named, new))) if new else ""

    def other_function(self, *readings: str, trace: Trace | None = None) -> dict[str, str]:
        """Name the function behind readings where it is another one than σ or tanh.

        A gate has σ, and what is weighed with it tanh, unless the network was configured
        otherwise. It is given as the variant and the values of a `step`; nothing for σ and tanh.
        """
        told = self.trace if trace is None else trace
        for reading in readings:
            usual = "sigmoid" if quantity(reading, cell=told.notation).is_gate else "tanh"
            function = told.activations.get(reading, usual)
            if function != usual:
                return {"variant": "other", "function": function.partition(" ")[0]}
        return {}

    def say(self, pattern: str, **values: Any) -> str:
        """Fill a sentence with readings of now and other values."""
        common = {
            "word": self.word_at(self.now.tick),
            "cell": name_within(self.trace, self.lang),
            "number": self.now.tick + 1,
            "total": len(self.trace),
        }
        left = pattern_runs_left(pattern)
        told = Spoken(self.now, values, common, left=left)
        return keeping(filled(pattern, told, self.lang.form), left=left)

    def word_at(self, tick: int) -> str:
        """Give what stands at a tick as captions write it."""
        return _short(written(self.trace.tokens[tick].text, self.trace.kind))

    def told(self, name: str, unit: int) -> SpokenNumber:
        """Give one value of now for a caption; it is written as on screen."""
        look = quantity(name, cell=self.notation)
        return SpokenNumber(self.now[name][unit], look.scale)

    def differ(self, first: str, second: str, unit: int) -> bool:
        """Tell whether two values of now are written differently."""
        return f"{self.told(first, unit)}" != f"{self.told(second, unit)}"

    def column(self, name: str, **options: Any) -> Column:
        """Make a small column, which can travel, of a reading of now."""
        reading = self.now[name]
        return Column(
            reading, self.theme, cell=self.notation, units=self.units_of(reading), **options
        )

    def units_of(self, reading: Reading) -> tuple[int, ...]:
        """Say which units of a reading are drawn: all of a narrow one, the chosen of a wide one.

        Those of the input are not the network's own, even if there are as many.
        """
        if len(reading) == self.trace.network.hidden and reading.name != "x":
            return self.units
        return self._moving_units(reading.name)

    def names_of(self, reading: Reading) -> list[str]:
        """Say what the entries of a reading are called that are drawn; units have no names.

        Those of an input are called by their numbers, unless these are those of the units.
        """
        names, drawn = self.trace.names_of(reading.name), self.units_of(reading)
        if names:
            return [names[k] for k in drawn]
        apart = reading.name == "x" and (len(drawn) < len(reading) or drawn != self.units)
        return [str(k + 1) for k in drawn] if apart else []

    @property
    def unit(self) -> str:
        """What captions speak of: a word, character, token or step."""
        return self.trace.unit

    @property
    def feature_names(self) -> str:
        """The names of the features that are drawn, for a caption; empty if they have none."""
        x = self.now["x"]
        if not self.trace.names_of("x"):
            return ""
        return ", ".join(brief(name, LETTERS) for name in self.names_of(x)[:NAMES])

    def note_of(self, readings: Sequence[Reading]) -> str:
        """Say `4 of 128 units`, and `4 of 12 features`, where not all of these are drawn."""
        inputs = [reading for reading in readings if reading.name == "x"]
        said = [self.units_note] if len(inputs) < len(readings) else []
        if inputs:
            said.append(self.features_note)
        return " · ".join(filter(None, said))

    @property
    def features_note(self) -> str:
        """Say `4 of 12 features` where not all of them are drawn."""
        x = self.now["x"]
        shown = len(self.units_of(x))
        if shown == len(x):
            return ""
        return self.lang.say("features of", shown=shown, total=len(x))

    @property
    def starts_empty(self) -> bool:
        """Whether nothing is remembered yet: the first word, unless a state was given."""
        return not any(np.any(self.now[f"{state}_prev"].value) for state in self.trace.initial)

    @property
    def units_note(self) -> str:
        """Say `4 of 128 units` where not all of them are drawn."""
        total = self.trace.network.hidden
        if len(self.units) == total:
            return ""
        return self.lang.say("units of", shown=len(self.units), total=total)

    def history(self, names: Sequence[str]) -> History:
        """Make the bands of some readings over the words around now."""
        units = [self.units_of(self.now[name]) for name in names]
        box = self.layout.whole
        return History(
            self.trace,
            names,
            self.now.tick,
            units,
            self.theme,
            Box(box.left, box.right, box.bottom, box.top - 0.7),
            least=self.layout.least,
        )

    def history_title(self, gate: str, role: str) -> TextLine:
        """Make the title above the bands: which gate, and that it goes word by word."""
        form = f"{self.trace.unit} by {self.trace.unit}"
        box = self.layout.whole
        return TextLine(
            self.lang.say(form, gate=self.lang.word(gate)),
            size=0.36,
            weight="bold",
            color=self.theme.readable(self.theme.role(role), self.theme.background),
            at=(box.center[0], box.top - (0.1 if self.layout.beside else 0.22)),
        )

    bands: Sequence[str] = ()
    """The readings that are shown over all steps now."""

    called: Mapping[str, str] = MappingProxyType({})
    """The terms by which the story calls readings that have no symbol."""

    def in_view(self) -> list[str]:
        """Say in sentences what is drawn now, for those who cannot see it; numbers are not told."""
        return []

    @property
    def furniture(self) -> tuple[Mobject, ...]:
        """What stands in the frame throughout: the input, the status, the caption, the dots."""
        return (self.strip, self.status, self._caption, self._dots)

    @property
    def in_frame(self) -> tuple[Mobject, ...]:
        """What belongs to the frame, not to the world in it: no zoom moves or enlarges it."""
        return (*self.furniture, *([self.logo] if self.logo is not None else []))

    @property
    def world(self) -> list[Mobject]:
        """What stands on the stage and does not belong to the frame."""
        fixed = {id(member) for each in self.in_frame for member in each.get_family()}
        return [
            each
            for each in self.mobjects
            if not any(id(member) in fixed for member in each.get_family())
        ]

    @property
    def zoom_room(self) -> Box:
        """Where the part stands that has been zoomed into, unless another room is named."""
        return self.layout.whole.inset(0.1)

    @property
    def zoomed(self) -> int:
        """How many zooms have not been undone."""
        return self._closer.depth

    def zoom(
        self,
        *parts: Mobject,
        room: Box | None = None,
        beside: Sequence[Motion] = (),
        run_time: float = 1.5,
    ) -> None:
        """Go from the whole into a part, until it fills `room`; what lies outside is not seen then.

        The input, the status, the caption and the dots stay as they are. Motions given as `beside`
        are played along. A second zoom goes on from the first one, and `zoom_back` undoes the last.
        What is added meanwhile stands where it is put in the frame, and goes along on the way back.

        Raises:
            UsageError: a part does not stand on the stage, or has no size.
        """
        moved = {id(motion.mobject) for motion in beside}
        world = [each for each in self.world if id(each) not in moved]
        view, motions = self._closer.zoom(world, parts, room or self.zoom_room, run_time=run_time)
        self._places_follow(view)
        self.play(*motions, *beside, run_time=run_time)

    def zoom_back(self, *, beside: Sequence[Motion] = (), run_time: float = 1.2) -> None:
        """Go back to how all was seen before the last zoom.

        Raises:
            UsageError: there has been no zoom, or it has been undone.
        """
        moved = {id(motion.mobject) for motion in beside}
        world = [each for each in self.world if id(each) not in moved]
        motions = self._closer.back(world, run_time=run_time)
        self._places_follow(None)
        self.play(*motions, *beside, run_time=run_time)

    def _places_follow(self, view: Enlargement | None) -> None:
        """Let what is known of places follow a zoom, or the way back from it."""

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The traces whose readings are shown: the one that is told, and what follows from it."""
        return (self.trace, *self.answer_sources)

    @property
    def answer_sources(self) -> tuple[Trace, ...]:
        """The trace of what the needle in the header shows; none without a readout."""
        return () if self.answers is None else (self.answers.readings,)

    @property
    def cell_name(self) -> str:
        """The cell's name as it is written on screen."""
        return name_of(self.trace, self.lang)

    @property
    def notation(self) -> Notation:
        """How the readings of the trace are written: as its cell says, with its biases."""
        return self.trace.notation

    # How it is played

    @property
    def rate(self) -> float:
        """Frames a second."""
        return float(self.camera.frame_rate)

    def set_ground(self) -> None:
        """Give the camera the theme's background."""
        camera: Any = self.camera
        camera.background_color = ManimColor(self.theme.background)
        if self.theme.logo is not None:
            self.logo = logo_mobject(self.theme.logo, self.layout.frame)
            self.add(self.logo)

    def setup(self) -> None:
        """Set the ground, find the number of steps, and put up the input."""
        super().setup()  # of a kind of scene that the story is as well
        self.set_ground()
        if self._outline is None:
            self._outline = self.rehearse().steps_told
        self.layout = self._with_header()
        self.strip = Strip(
            self.trace, self.now.tick, self.theme, self.layout.strip, self.masked_said
        )
        self.status = self._status()
        self.add(self.strip, self.status)
        self._put_title_up()

    def rehearse(self) -> Story:
        """Walk through the story without drawing: to know its steps and its length."""
        twin = type(self)(
            self.trace,
            at=self.now.tick,
            theme=self.theme,
            lang=self.lang,
            pace=self.pace,
            units=self.units,
            captions=self.captions,
            compare=self.compare,
            layout=self.layout,
            outline=(),
            renderer=Walker(),
        )
        twin.setup()
        twin.construct()
        return twin

    def learn(self, outline: tuple[Step, ...]) -> None:
        """Go on with all steps known, where this was begun without."""
        self._outline = outline
        if isinstance(self._dots, Dots):
            self._dots.put_up(len(outline))

    def go_to(self, tick: int) -> list[Motion]:
        """Make another tick the one that is told: the strip and the status follow."""
        self.now = self.trace.at(tick)
        if tick in self.strip.chips:
            moved = self.strip.lighting(tick)
        else:
            strip, self.strip = (
                self.strip,
                Strip(self.trace, tick, self.theme, self.layout.strip, self.masked_said),
            )
            moved = [FadeOut(strip), FadeIn(self.strip)]
        return [
            *self.status.turn(status_words(*self._status_lines()), self.answer_tick),
            *moved,
        ]

    @property
    def steps_told(self) -> tuple[Step, ...]:
        """The steps so far, with their times."""
        return tuple(self.steps)

    def play(self, *animations: Any, **options: Any) -> None:
        """Play animations at the story's pace, each a whole number of frames long."""
        before = self.time
        super().play(*animations, **options)
        self._frame += round((self.time - before) * self.rate)

    def compile_animations(self, *args: Any, **kwargs: Any) -> list[Animation]:
        """Fit run times to the pace and to whole frames."""
        animations: list[Animation] = super().compile_animations(*args, **kwargs)
        self.animations = animations  # which Manim looks at to know whether a wait is still
        waits = [isinstance(animation, Wait) for animation in animations]
        still = waits == [True] and not self.should_update_mobjects()
        moves = [each.run_time for each, wait in zip(animations, waits, strict=True) if not wait]
        slower = self._slower(max(moves, default=0.0) / self.tempo)
        for animation, wait in zip(animations, waits, strict=True):
            speed = self.pace * (1.0 if wait else self.tempo / slower)
            frames = max(round(animation.run_time / speed * self.rate), 1)
            # Manim counts frames with arange for moves and with int for stills.
            animation.run_time = (frames + (1e-3 if still else -1e-3)) / self.rate
        return animations

    def _slower(self, lasting: float) -> float:
        """Say how many times as long a move takes, as its caption is still being read."""
        return self._read.slower(lasting, self._seconds) if self._read and lasting else 1.0

    @property
    def _seconds(self) -> float:
        """How much has been told, in seconds at the usual pace."""
        return self._frame / self.rate * self.pace

    def _put_title_up(self) -> None:
        """Let the first picture say what the film is, as file managers and chats show that one."""
        self._caption = self._written_below(self.title_shown, weight="bold")
        self.add(self._caption)

    @property
    def title_shown(self) -> str:
        """The title that is written on the picture: the story's own, or that of a chapter."""
        return self.title if self.chapter_title is None else self.chapter_title

    def settle_title(self) -> None:
        """Let the title stand large in the middle where it is all that there is to see."""
        if len(self._caption) and all(each in self.furniture for each in self.mobjects):
            self.remove(self._caption)
            whole = self.layout.whole
            self._caption = TitleCard(
                self.title_shown,
                self.theme,
                whole.inset(0.5),
                zoom=self.layout.zoom,
                unbroken=self.lang.unbroken,
            )
            self.add(self._caption)

    def _let_title_be_read(self) -> None:
        if not self.steps:
            self.settle_title()
            if len(self._caption):
                self.wait(OPENING)

    def _written_below(self, text: str, weight: Weight = "regular") -> Caption:
        layout = self.layout
        return Caption(
            text if self.captions else "",
            self.theme,
            layout.caption,
            most=layout.lines,
            largest=layout.letters,
            smallest=layout.least,
            weight=weight,
            unbroken=self.lang.unbroken,
        )

    def _turn_caption(self, sentence: str) -> None:
        layout = self.layout
        caption = self._written_below(sentence)
        count, current = self.steps_reached
        room = min(layout.frame.width - 1.0, 12.0)
        dots = Dots(count, current, self.theme, layout.dots, room)
        self.remove(self._dots)
        self.add(dots)
        leaving = [FadeOut(self._caption)] if len(self._caption) else []
        self._dots, self._caption = dots, caption
        if leaving:
            self.play(*leaving, run_time=0.2)
        if len(caption):
            self.play(FadeIn(caption), run_time=0.3)
        else:
            self.wait(0.3)

    @property
    def steps_reached(self) -> tuple[int, int]:
        """How many steps there are, and which of them is told."""
        return len(self._outline or ()), len(self.steps)

    def clear_stage(self) -> None:
        """Let all but what stands throughout go, if there is any."""
        leaving = self.clearing()
        if leaving:
            self.play(*leaving, run_time=0.6)

    def clearing(self, *staying: Mobject) -> list[Motion]:
        """Give the motions with which all goes but what stands throughout, and what else stays."""
        stay = {id(each) for each in (*self.furniture, self.logo, *staying)}
        return [FadeOut(each) for each in self.mobjects if id(each) not in stay]

    def masked_said(self, count: int) -> str:
        """Say that so many steps are masked and passed over."""
        return self.lang.say("masked steps", count=count)

    def status_line(self) -> str:
        """Say which cell is at work, and where in the input it is."""
        form = f"{self.trace.counted_as} of"
        return self.lang.say(form, cell=self.cell_name, n=self.now.tick + 1, total=len(self.trace))

    def _with_header(self) -> Layout:
        """Make room in the header for what stands there, whatever the tick."""
        em, now = self.layout.least, self.now
        self.now = self.trace.at(-1)
        line, title = self.status_line(), self._network_title()
        self.now = now
        needle = None if self.answers is None else needle_width(self.answers, em)
        width = status_width(line, title, self.layout, beside=needle is not None)
        return with_header(self.layout, needle, width)

    def _status(self) -> Status:
        needle = None
        if self.answers is not None and self.layout.needle is not None:
            needle = Needle(
                self.answers,
                self.answer_tick,
                self.theme,
                em=self.layout.least,
                at=self.layout.needle.center,
            )
        return Status(*self._status_lines(), needle)

    def _status_lines(self) -> tuple[str, str, Layout, tuple[str, str]]:
        colors = self.theme.faint, self._title_color
        return self.status_line(), self._title_in_sight(), self.layout, colors

    def _title_in_sight(self) -> str:
        """Say what the network is, and what a dashed border means where one is in sight.

        Where there is no room for both, the border is explained: it is a riddle otherwise.
        """
        title = self._network_title()
        unknown = any(not self.trace.tokens[tick].known for tick in self.strip.chips)
        if not unknown or self._knows_little:
            return title
        said = self.lang.word("dashed means unknown")
        ways = (BETWEEN.join(filter(None, [title, said])), said)
        line, layout = self.status_line(), self.layout
        return next((way for way in ways if is_whole(line, way, layout)), title)

    @property
    def answer_tick(self) -> int:
        """The tick after which the needle in the header shows the answer."""
        return self.now.tick

    def named(self, answers: Answers | None) -> Answers | None:
        """Call the answers of the networks that come along by the words of the language."""
        if answers is None:
            return None
        source = answers.trace.network.source
        if source is None or source.kind != "demo":
            return answers
        return replace(answers, called=tuple(map(self.lang.word, answers.labels)))

    @property
    def _knows_little(self) -> bool:
        return unknown_words(self.trace.tokens) is not None

    @property
    def _title_color(self) -> str:
        return self.theme.ink if self._knows_little else self.theme.faint

    def _network_title(self) -> str:
        return self.network_title(self.trace)

    def network_title(self, trace: Trace) -> str:
        """Say in the language of the film where the weights of a trace come from.

        Where they know few of the words, that is said instead: it matters more.
        """
        unknown = unknown_words(trace.tokens)
        if unknown:
            return self.lang.say(f"unknown {trace.unit}s", count=unknown[0], total=unknown[1])
        title = trace.network.title
        seed = re.fullmatch(r"untrained \(random weights, seed (\d+)\)", title)
        if seed:
            return self.lang.say("random weights", seed=seed[1])
        said = [self.lang.word(title)]
        if trace.network.depth * trace.network.directions > 1:
            number, direction = trace.shown
            said.append(self.lang.say(f"layer {direction}", n=number))
        source = trace.network.source
        if trace.network.folded and source is not None and source.kind == "file":
            said.append(self.lang.word("case ignored"))
        return " · ".join(said)

    @property
    def most_units(self) -> int:
        """How many units there is room for, one below the other."""
        return self.layout.most_units

    def _moving_units(self, name: str) -> tuple[int, ...]:
        """Choose the units of a reading that move most over the sequence, in their order."""
        values, most = self.trace[name], self.most_units
        if name == "x" and values.shape[1] > most:
            hot = hot_features(values, self._begun_at, most)
            if hot:
                return hot
        return units_to_show(values, most)
