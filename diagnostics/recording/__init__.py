"""A machine recorded to a folder or zip, and standing in for it afterwards.

Recordings are hostile input: sizes, names and links are checked before anything is read.
Imports the runner and the placeholders.
"""
