"""The pages of the visit's steps, from Bonjour to Fini.

One module a step; the erasure has a room of its own.
Imports the kit.
"""
