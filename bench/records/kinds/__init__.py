"""The kinds of events: their names, their fields, what each is about.

A kind is added here and nowhere else; old events are read as they were written.
Imports the signed room.
"""
