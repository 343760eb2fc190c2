"""What a workshop sets once, and where its data lies: folder, settings, clock, files.

Read once, checked whole, never guessed around.
Imports the errors.
"""
