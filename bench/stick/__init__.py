"""Making a stick: what it may be written on, how it is divided, written, and read back.

`decide`, `layout`, `table` and `origin` are pure; `source` and `seen` read; `write`,
`partitions` and `make` act.
Imports the bench's side of erasing for the guard's answers, and what is below it.
"""
