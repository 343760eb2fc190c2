"""The signed log of a bench, and the tables folded from it. Self-contained.

`log` appends and reads, `store` keeps, `fold` makes tables, `dossier` is the one reading of a
machine. Imports nothing else of the bench; its floors are in pyproject.toml.
"""
