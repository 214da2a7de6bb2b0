"""The review."""

from lstmviz.stage import ReviewStory


class Review(ReviewStory):
    """The text as a person reads it, word by word, and as a network must read it."""

    needs = ("h",)
    loop_of = "read"

    def pick(self) -> int:
        """Show the text from its beginning, without what pads it."""
        return self.written_ticks[0]

    def construct(self) -> None:
        """Read the text as a person does, then as a network does."""
        self.lay_out(memory=True)
        kind = self.kind_of_page

        with self.step(
            "page",
            "This is a text as a person sees it: many words at once, on one page."
            if not kind
            else "This is a series as a person sees it: many steps at once, on one page."
            if kind == "series"
            else "These are numbers as a person sees them: many at once, on one page.",
            variant=kind,
        ):
            self.show_page()

        leftward = "leftward" if self.page.leftward else ""
        with self.step(
            "read",
            "We read it from left to right, word by word; the rest stays in sight."
            if not leftward
            else "We read it from right to left, word by word; the rest stays in sight.",
            variant=leftward,
        ):
            self.read()

        cell = "cell" if self.trace.keeps_memory_apart else ""
        with self.step(
            "network",
            "A recurrent network has no page. All it keeps of what it has read is its "
            "state: {units} {units|number|numbers}."
            if not cell
            else "A recurrent network has no page. All it keeps of what it has read is its "
            "state; this is its memory, the cell state.",
            variant=cell,
            units=self.trace.network.hidden,
        ):
            self.open_memory()
            self.take_in()

        with self.step(
            "memory",
            "After the last of these words, its state is all it has. What has it kept of them?",
        ):
            self.write_memory()
