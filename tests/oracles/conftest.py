"""What writes recorded files takes libraries that the comparisons do without."""

from __future__ import annotations

collect_ignore_glob = ["record*.py", "make_*.py"]
