"""All sentences people read, French first, and how they are filled.

`catalogue` finds and fills them, `facts` and `reasons` write figures and codes as words.
Imports the models of `diagnostics` and `wipe` whose codes it says.
"""
