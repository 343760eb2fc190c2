"""The machine asked for an ordinary user: a small service of root's, and its client.

May import from `diagnostics` only; nothing but `command`, `asked` and what sources declare.
"""
