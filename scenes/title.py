"""The title."""

from lstmviz.stage import TitleStory


class Title(TitleStory):
    """The title card: an RNN, an LSTM and a GRU, and one pulse passing through each."""

    def construct(self) -> None:
        """Open the card, and let a pulse pass through each cell."""
        with self.step("title", "Three networks that read a text one word after another."):
            self.open()

        with self.step("rnn", "The RNN makes its state anew at every word."):
            self.pulse("rnn")

        with self.step("lstm", "The LSTM carries a memory along, and three gates guard it."):
            self.pulse("lstm")

        with self.step("gru", "The GRU does it with two gates, and one state."):
            self.pulse("gru")
