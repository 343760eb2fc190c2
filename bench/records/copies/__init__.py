"""Backups and snapshots of the store: taken, proved, put back.

A copy that was not proved is no copy.
Imports the log, the store and what is below them.
"""
