"""The supervisor's pages, behind a code: the day, its findings, deciding.

They lie over the worker's pages and call nobody.
Imports the kit; what they ask is `bench.guide.supervision`.
"""
