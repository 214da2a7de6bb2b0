"""The review, as it is remembered."""

from lstmviz.stage import RememberedStory


class ReviewRemembered(RememberedStory):
    """What a text leaves in the memory: filler fades, the words that moved it stay."""

    needs = ("h",)

    def construct(self) -> None:
        """Measure how far each word moves the memory, and let the text fade by it."""
        self.lay_out()
        state = self.memory_name
        kind = "numbers" if self.trace.kind == "numbers" else ""

        with self.step(
            "page",
            "The {cell} reads this text. Which words move its memory, the {state}?"
            if not kind
            else "The {cell} reads these numbers. Which of them move its memory, the {state}?",
            variant=kind,
            state=state,
        ):
            self.show_page()

        with self.step(
            "one",
            "“{word}” takes the {state} from the left column to the right one: "
            "the distance says how far the memory moved.",
            state=state,
        ):
            self.measure_one()

        with self.step(
            "all",
            "The same for every word: the taller its bar, the farther it moved the memory."
            if not kind
            else "The same for every number: the taller its bar, the farther it moved the memory.",
            variant=kind,
        ):
            self.measure_all()

        with self.step(
            "fade",
            "The less a word moved the memory, the paler it is."
            if not kind
            else "The less a number moved the memory, the paler it is.",
            variant=kind,
        ):
            self.fade()

        few = len(self.lasting())
        with self.step(
            "stay",
            "These {few} of {shown} words moved the memory farthest: "
            "they wrote into it, or wiped what was there."
            if not kind
            else "These "
            "{few} of {shown} numbers moved the memory farthest: they wrote into it, "
            "or wiped what was there.",
            variant=kind,
            few=few,
            shown=len(self.page.words),
        ):
            self.keep()
