"""Which array of a file is which weight, where its names do not say it.

Imports `load/common`. `mapped` reads what a user says of it; `proposed` what shapes give away.
"""
