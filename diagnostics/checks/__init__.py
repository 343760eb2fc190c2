"""The checks: one module a check, equals in a list.

`catalogue.toml` says what each asks of the worker, `plan` which ones a machine gets.
Imports the facts model and the runner; a check knows no other.
"""
