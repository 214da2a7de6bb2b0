"""Films: MP4, WebM, MOV.

Imports `common` and what is below. Begin with `mp4`; `coded_parts` codes a film step by step.
"""
