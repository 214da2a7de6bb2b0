"""From a story and numbers to a film: what is drawn, what the cache has, which files are made.

Imports the stage, the export and what is below. Begin with `render`; `film_key` says when two
films are the same, `film_cache` keeps them.
"""
