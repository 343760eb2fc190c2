"""The bench's side of an erasure: what may be erased, jobs begun, followed and recorded.

`wipe` decides and writes in processes of its own; the folder of a job is all they share.
Imports `wipe`, the casefile and what is below it; never a screen or a command.
"""
