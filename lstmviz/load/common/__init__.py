"""What loaders share: members of archives, the contents of a file, vocabularies.

Imports nothing else of `load`.
"""
