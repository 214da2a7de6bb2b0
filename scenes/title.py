"""The title."""

from lstmviz.stage import TitleStory


class Title(TitleStory):
    """The title card: an RNN, an LSTM and a GRU, and one word passing through each."""

    loop_of = "gru"

    def construct(self) -> None:
        """Name the cells, and let a word pass through each."""
        with self.step(
            "title",
            "Three networks read a text, one word at a time. All three are now at “{at}”.",
            at=self.word_read,
        ):
            self.open()

        with self.step("rnn", "The RNN computes its state h afresh at every word."):
            self.pulse("rnn")

        with self.step("lstm", "The LSTM carries a memory c, guarded by three gates."):
            self.pulse("lstm")

        with self.step("gru", "The GRU manages with two gates and a single state h."):
            self.pulse("gru")
