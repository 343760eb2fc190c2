"""What a network tells of itself: counters for the yearly report, read from the record alone.

Each counter has one definition, shown with it; nothing here writes, and nothing is by person.
Imports the records, the papers' rules and factors, and the words; never the hub's pages.
"""
