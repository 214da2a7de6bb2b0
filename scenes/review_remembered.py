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
            "The {cell} reads this text. Which words change its memory, the {state}?"
            if not kind
            else "The {cell} reads these numbers. Which of them change its memory, the {state}?",
            variant=kind,
            state=state,
        ):
            self.show_page()

        with self.step(
            "one",
            "“{word}” takes the {state} from the left column to the right one: their "
            "distance is how much the memory changed.",
            state=state,
        ):
            self.measure_one()

        with self.step(
            "all",
            "The same for every word: the taller its bar, the more it changed the memory."
            if not kind
            else "The same for every number: the taller its bar, the more it changed the memory.",
            variant=kind,
        ):
            self.measure_all()

        with self.step(
            "fade",
            "The less a word changed the memory, the paler it gets."
            if not kind
            else "The less a number changed the memory, the paler it gets.",
            variant=kind,
        ):
            self.fade()

        few = len(self.lasting())
        with self.step(
            "stay",
            "Of {shown} words, these {few} changed the memory most: they wrote into it, "
            "or wiped what was there."
            if not kind
            else "Of {shown} numbers, these {few} changed the memory most: they wrote into "
            "it, or wiped what was there.",
            variant=kind,
            few=few,
            shown=len(self.page.words),
        ):
            self.keep()
