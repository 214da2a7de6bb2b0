"""The review, as it is remembered."""

from lstmviz.stage import RememberedStory


class ReviewRemembered(RememberedStory):
    """What a text leaves in the memory: filler fades, the words that changed it stay."""

    needs = ("h",)
    loop_of = "all"

    def construct(self) -> None:
        """Measure how far each word moves the memory, and let the text fade by it."""
        self.lay_out()
        state = self.memory_name
        kind = self.kind_of_page

        with self.step(
            "page",
            "The {cell} reads this text. Which words change its memory, the {state}?"
            if not kind
            else "The {cell} reads this series. Which steps change its memory, the {state}?"
            if kind == "series"
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
            "A bar for every word, as tall as the change: filled is what it wrote, hollow what it "
            "wiped.",
        ):
            self.measure_all()

        with self.step("fade", "The less a word changed the memory, the paler it gets."):
            self.fade()

        few = len(self.lasting())
        one = "one" if few == 1 else ""
        with self.step(
            "stay",
            "Of {shown} words, these {few} changed the memory most: they wrote into it, "
            "or wiped what was there."
            if not one
            else "This one word changed the memory most: it wrote into it, or wiped what was "
            "there.",
            variant=one,
            few=few,
            shown=len(self.counted),
        ):
            self.keep()
