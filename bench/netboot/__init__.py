"""Starting PCs over the workshop's network: what is served, to whom it is said, and by whom.

`menus` and `proxy` are pure; `image` and `place` read; `files` and `serve` act.
Imports the making of a stick for the image it serves, and what is below it.
"""
