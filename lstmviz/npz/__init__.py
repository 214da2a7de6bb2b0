"""Arrays in files: read where they are looked at, written as they grow.

Imports the errors and `system`. Begin with `format`, which reads and writes a whole file; `mapped`
leaves large arrays in it, `writer` adds to it tick by tick.
"""
