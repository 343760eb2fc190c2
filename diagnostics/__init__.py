"""The machine in hand: probed, tested, judged. It knows no other package.

`probe` asks all `sources`, `command.Runner` is the only way to files and programs.
Imports nothing of bench, wipe or labels.
"""
