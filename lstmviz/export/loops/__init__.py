"""Looping pictures: GIF, WebP, APNG.

Imports `common` and what is below. Begin with `gif`; `sampling` chooses pictures, `palette`
colours, `changes` what differs from picture to picture.
"""
