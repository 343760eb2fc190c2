"""One machine as the record holds it: read, written, graded, explained.

`reading` is the one reader of a machine for papers, labels, prices and screens.
Imports the record, grading, words and settings; never the screens, the papers or a running job.
"""
