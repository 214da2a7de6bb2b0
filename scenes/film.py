"""All stories as one film."""

from lstmviz.stage import FilmStory

WIPED = 0.8  # of a memory, from which on it is said to be wiped


class Film(FilmStory):
    """A review, its verdict, and how an RNN, an LSTM and a GRU get there, all as one film."""

    tempo = 1.45
    hurry = 1.22
    word_of = "input-gate"
    together = ("forget-gate", "input-gate", "cell-state", "output-gate")

    def construct(self) -> None:
        """Tell the stories one after the other, each as far as the next one needs it."""
        self.tell("title", chapter="three networks that remember")
        self.tell("review", chapter="reading a review")
        self.tell("verdict", chapter="a verdict", since="line", until="line", empty=True)
        self.tell("sequence", chapter="words become vectors", until="next")
        self.tell("rnn-cell", chapter="inside the RNN", until="new")
        self.tell("tanh", chapter="tanh", until="leave")
        self.tell("gradient-update", chapter="how far learning reaches", until="far")
        self.tell("gradient-update", since="all", empty=True)
        self.tell("lstm-cell", chapter="the whole LSTM", at=self.now.tick, passing=("copy",))
        self.follow_one_word()
        self.tell("verdict", chapter="the verdict", until="answer")
        self.tell("verdict", since="other")
        self.tell(
            "lstm-code",
            chapter="the LSTM as code",
            at=self.now.tick,
            until="h",
            passing=("memory", "hx"),
        )
        self.tell("gru-cell", chapter="from the LSTM to the GRU", since="state", passing=("join",))
        self.begin_chapter("what to remember")
        with self.step(
            "remember",
            "Three ways to remember what has been read, one word at a time.",
            chapter=self.chapter_title,
        ):
            self.conclude(
                ("cell rnn", "what the RNN is"),
                ("cell lstm", "what the LSTM is"),
                ("cell gru", "what the GRU is"),
                ("gates", "what gates are"),
            )

    def follow_one_word(self) -> None:
        """Send one word through all gates, and then the word that wipes the memory."""
        word = self.now.tick
        self.tell(
            "forget-gate",
            chapter="one word through the gates",
            at=word,
            until="outcome",
            passing=("join",),
        )
        self.tell("input-gate", at=word, until="outcome", passing=("join",))
        self.tell("cell-state", at=word, since="add", until="beyond")
        self.tell("output-gate", at=word, until="leave", passing=("join",))
        wiped = self.wiping_word()
        if wiped is None:
            self.tell("forget-gate", at=word, since="history", empty=True)
            return
        self.tell(
            "forget-gate",
            chapter="a word that wipes the memory",
            at=wiped,
            passing=("join", "weigh", "squash", "forget"),
        )

    def wiping_word(self) -> int | None:
        """Find another word that wipes most of what was remembered; None where there is none."""
        tick, lost = self.largest_loss("forget-gate", "c_prev", "kept")
        return tick if tick != self.now.tick and lost > WIPED else None
