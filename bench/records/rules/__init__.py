"""Who may say what: the one place where it is decided whether a signed event counts.

Pure: a signer, an event, what is known. docs/security.md tells the same in words.
Imports the kinds, the signed statements and the rows.
"""
