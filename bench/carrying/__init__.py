"""Putting a file of the workshop's on a stick that somebody carries away.

`volumes` is pure: which sticks are offered; `copying` writes and reads back; `carrier` finds and
puts for the screens, `service` does it for screens that are not root's, `served` asks it.
Imports the machine's topology (`wipe.seen`), the errors, and what is below them.
"""
