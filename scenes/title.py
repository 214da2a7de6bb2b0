"""The title."""

from lstmviz.stage import TitleStory


class Title(TitleStory):
    """The title card: an RNN, an LSTM and a GRU, and one pulse passing through each."""

    def construct(self) -> None:
        """Open the card, and let a pulse pass through each cell."""
        with self.step("title", "Three networks that read a text, one word at a time."):
            self.open()

        with self.step(
            "rnn",
            "The RNN computes its state h afresh at every word; here, at “{at}”.",
            at=self.word_of("rnn"),
        ):
            self.pulse("rnn")

        with self.step(
            "lstm",
            "The LSTM carries a memory c, guarded by three gates; here, at “{at}”.",
            at=self.word_of("lstm"),
        ):
            self.pulse("lstm")

        with self.step(
            "gru",
            "The GRU manages with two gates and a single state h; here, at “{at}”.",
            at=self.word_of("gru"),
        ):
            self.pulse("gru")
