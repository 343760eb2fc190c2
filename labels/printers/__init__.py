"""One module a printer language, and the ways to reach a printer.

Every byte is written here and read back by the tests' own decoders.
Imports the drawing and the sizes.
"""
