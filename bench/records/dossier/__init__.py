"""The one reading of a machine: its disks, their erasures, what was probed and tested.

What counts when erasures follow each other is decided in `erasures` and `disks`
(docs/exchange.md). Imports the kinds and rows of events, never a table or the store.
"""
