"""Still pictures of a film: posters, and the sheet of all steps.

Imports `common` and what is below.
"""
