"""The recorded film: the door between what draws and what makes files.

Imports `system` and the errors. Begin with `reel`; `frame_store` keeps the pictures without loss,
`atoms` puts both into one QuickTime file.
"""
