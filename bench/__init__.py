"""The bench: guided screens, commands, papers and records of a workshop.

Its rooms stand on floors and import only what is below them: `[tool.importlinter]` in
pyproject.toml says which, `python -m tests.house` draws them.
"""
