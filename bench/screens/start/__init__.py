"""The pages before the first Bonjour: the clock, keyboard, workshop, number, code, joining.

`road` says which come, in which order. They lie on a desk whose bench is not open yet.
Imports the kit of pages.
"""
