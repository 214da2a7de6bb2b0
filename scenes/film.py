"""All stories as one film."""

from lstmviz.stage import FilmStory


class Film(FilmStory):
    """Everything in order as one film, from reading a review to the gates of a GRU."""

    tempo = 1.3
    hurry = 1.2

    def construct(self) -> None:
        """Tell the stories one after the other, each as far as the next one needs it."""
        self.tell("title", chapter="three networks that remember")
        self.tell("gradient-update", chapter="how a network learns", until="far")
        self.tell("gates", chapter="gates", until="gate")
        self.tell("review", chapter="reading a review", until="read")
        self.tell("review-remembered", chapter="what stays of it", until="fade")
        self.tell("sequence", chapter="words become vectors", until="enter")
        self.tell("hidden-state", chapter="hidden state", until="handed")
        self.tell("rnn-cell", chapter="inside the RNN", until="squash")
        self.tell("tanh", chapter="tanh", until="leave")
        self.tell("without-tanh", chapter="without tanh", until="leave")
        self.tell("with-tanh", chapter="with tanh", until="squash")
        self.tell("lstm-cell", chapter="inside the LSTM", until="times")
        self.tell("sigmoid", chapter="sigmoid", until="drop")
        self.tell("forget-gate", chapter="forget gate", until="forget")
        self.tell("input-gate", chapter="input gate", until="gate")
        self.tell("cell-state", chapter="cell state", until="add")
        self.tell("output-gate", chapter="output gate", until="show")
        self.tell("lstm-code", chapter="the LSTM as code", until="f")
        self.tell("gru-cell", chapter="inside the GRU", until="output")
        self.tell("update-gate", chapter="update gate", until="slide")
        self.tell("reset-gate", chapter="reset gate", until="squash")
