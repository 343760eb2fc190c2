"""One erasure from its folder to its claim: prepared, started, worked, looked at again.

The wipe process asks everything once more before its first byte.
Imports every room of wipe; only `wipe.__main__` and the bench import it.
"""
