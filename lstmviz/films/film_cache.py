"""The cache of films on the disk: the same film is not drawn twice.

A film lies in the cache as its reel, under a key of all that decides how it looks (see
`film_key`); of one whose drawing was broken off, the slices that were finished. Beside it lie its
coded parts, which several kinds of files are made of. When the cache grows over its limit, what
has not been used for longest goes. A cache that cannot be written to is no failure: the film is
drawn, and not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.films.story_files import shipped, watched
from lstmviz.system.disk_cache import Cache
from lstmviz.system.hashing import files_key, key_of

if TYPE_CHECKING:
    from lstmviz.films.story_summary import StorySummary
    from lstmviz.stage.story.story import Story


class CacheEntry:
    """The place of one film in a cache."""

    def __init__(self, cache: Cache, story: type[Story] | StorySummary, key: str) -> None:
        self.cache = cache
        self.key = key  # of what is known without playing the story
        self.story = story
        reads = () if shipped(story) else cache.reads(key)
        self._whole = None if reads is None else key_of(key, *files_key(reads))

    def fetch(self, place: Path) -> bool:
        """Put the film at `place`, where nothing must be yet; tell if there was one."""
        return self._whole is not None and self.cache.fetch(self._whole, place)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note which files the story reads while it is played in this block."""
        with watched(self.story) as reads:
            yield
        if not shipped(self.story):
            self.cache.note_reads(self.key, reads)
        self._whole = key_of(self.key, *files_key(reads))

    def keep(self, reel: Path) -> None:
        """Keep the film."""
        self.cache.keep(self._known, reel)

    def fetch_slices(self, folder: Path) -> None:
        """Put the slices that were finished when drawing was broken off into a folder."""
        self.cache.fetch_slices(self._known, folder)

    def keep_slice(self, piece: Path) -> None:
        """Keep a finished slice, until the film is."""
        self.cache.keep_slice(self._known, piece)

    @property
    def _known(self) -> str:
        assert self._whole is not None, "the story has been watched"
        return self._whole
