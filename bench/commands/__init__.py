"""One thin file a sub-command of `etabli`: its options, and who does the work.

A command reads its arguments, calls the rooms below and prints; a rule found here is misplaced.
Imports any room of the bench; nothing but `bench.__main__` imports a command.
"""
