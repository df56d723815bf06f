"""Stands in for torch where an assignment is to be written in NumPy: torch holds the answers ready-made."""

raise ImportError("torch is not available in this assignment; it is to be written in NumPy")
