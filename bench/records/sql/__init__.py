"""The tables as data: names, columns, rows, and how they are made.

No statement here decides anything.
Imports the kinds and events their rows come from.
"""
