"""What comes in and what goes out: donors and their lots, destinations, hand-overs, the daybook.

A supervisor's doors to the record; names of people stay in the erasable table.
Imports the documents, the casefile and what is below them; never a screen or a command.
"""
