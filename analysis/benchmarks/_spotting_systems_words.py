"""What the table of spotting systems says, in words; written after looking at it."""

READING = """TODO"""

COST = """TODO"""
