"""How slowly things move while a sentence is read: the eye is in two places then."""

from __future__ import annotations

from dataclasses import dataclass

LEAD = 0.5  # seconds that a caption stands alone, before the picture changes
CALM = 2.0  # seconds that a short move takes while its caption is read
SLOWEST = 1.6  # times as long as else, at most
STILL = 0.7  # seconds that the end of a step stands at least


@dataclass(frozen=True)
class CaptionRead:
    """A caption that takes `needs` seconds to read, and has stood since `begun`."""

    begun: float
    needs: float

    def left(self, now: float) -> float:
        """Give how many seconds are missing until it has been read."""
        return max(self.needs - (now - self.begun), 0.0)

    def still(self, now: float) -> float:
        """Give how long the end of its step stands: what moved before has been time to read."""
        return max(STILL, self.left(now))

    def slower(self, lasting: float, now: float) -> float:
        """Give how many times as long a move takes that would last so many seconds.

        What is slower takes its time from the still after it, so no step becomes longer.
        """
        room = min(CALM, self.left(now) - STILL)
        return min(max(room / lasting, 1.0), SLOWEST)
