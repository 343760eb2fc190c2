"""The journey a newcomer runs with `etabli demo`, and the recorded machine it plays with.

Everything in it happens in a folder of its own, on image files.
Imports any room below the commands.
"""
