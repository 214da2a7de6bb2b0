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

        with self.step("page", "The {cell} reads this text. Which words does its memory, "
                       "the {state}, depend on?" if not kind else "The {cell} reads these "
                       "numbers. On which does its memory, the {state}, depend?",
                       variant=kind, state=state):
            self.show_page()

        with self.step("one", "“{word}” takes the {state} from the left column to the right one: "
                       "the distance says how far the memory moved.", state=state):
            self.measure_one()

        with self.step("all", "The same for every word: the taller its bar, "
                       "the farther it moved the memory." if not kind else "The same for every "
                       "number: the taller its bar, the farther it moved the memory.",
                       variant=kind):
            self.measure_all()

        with self.step("fade", "Each word fades by how little it did." if not kind
                       else "Each number fades by how little it did.", variant=kind):
            self.fade()

        few = len(self.lasting())
        with self.step("stay", "What moved the memory farthest, {few} of {shown} words, "
                       "is what the {cell} took from the text." if not kind else "What moved the "
                       "memory farthest, {few} of {shown} numbers, is what the {cell} took "
                       "from them.", variant=kind, few=few, shown=len(self.page.words)):
            self.keep()
