"""Events in, rows out: how each table follows from the log. Pure, one module a subject.

Same events, same rows, in whatever order they came in.
Imports the dossier, the kinds and the rows; gets a connection, never the store.
"""
