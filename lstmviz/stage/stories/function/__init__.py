"""Stories of a function: its curve, and what it does at every step.

Begin with `curve`.
"""
