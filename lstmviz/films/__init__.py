"""From a story and numbers to a film: what is drawn, what the cache has, which files are made.

Imports the stage, the export and what is below. Begin with `render`, whose `record` draws every
film: of a trace, for which a `TraceRequest` asks, told as a `Telling` and a `Look` say. `film_key`
says when two films are the same, `film_cache` keeps them.
"""
