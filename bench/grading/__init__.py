"""A machine's grade: facts in, grade with its reasons out. Pure.

The rules are data (`rules.toml`), and so are the questions of the look (`questions.toml`).
Imports the facts model of `diagnostics`; never the record, words or screens.
"""
