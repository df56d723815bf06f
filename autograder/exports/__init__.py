"""Grades and feedback in the formats of other systems: a module a format, over one stream of rows (`rows.py`)."""
