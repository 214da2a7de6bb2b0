"""Files that appear whole, processes, hashing, a cache on the disk: knows no network and no film.

Imports nothing of lstmviz but its errors. Begin with `atomic_files`, through which every file is
written, and `processes`, by which work is shared.
"""
