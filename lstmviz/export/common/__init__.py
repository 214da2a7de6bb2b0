"""What several kinds of files are made with: parts, colours, subtitles, progress.

Imports the reel and what is below.
"""
