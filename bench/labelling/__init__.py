"""From a recorded machine to a printed label, and what became of each print.

`content` says what may stand on it; `labels` draws it and speaks to the printer.
Imports the casefile, the opened log and what is below them.
"""
