"""Where facts come from: one module a source, equals in a list.

A source reads, and says what it could not read; it never guesses and never writes.
Imports the facts model and the runner; helpers (`coerce`, `placeholders`) are beside it.
"""
