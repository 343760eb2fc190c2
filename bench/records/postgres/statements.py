"""Our SQL as PostgreSQL takes it: values as `$1`, its types' names, LIKE as SQLite's. Pure.

What is said otherwise in both is written so that both understand (`bench.records.sql.connection`).
"""

from __future__ import annotations

import functools
import re

# A text, a name in quotes, LIKE with its value, a value, a word; what is between stays as it is.
_PART = re.compile(
    r"'(?:[^']|'')*'|\"[^\"]*\""
    r"|\bLIKE\s+(?P<like>\?\d*)(?P<escape>\s+ESCAPE\b)?"
    r"|\?(?P<number>\d*)"
    r"|\b(?P<word>TEXT|INTEGER|BLOB|STRICT|WITHOUT\s+ROWID)\b"
)
# LIKE looks away from the case of ASCII letters in SQLite, and knows no escape but one it is told.
_WORDS = {"INTEGER": "bigint", "BLOB": "bytea", "TEXT": "text", "STRICT": "", "WITHOUT ROWID": ""}


@functools.lru_cache(2048)
def translated(sql: str) -> str:
    """One statement of ours."""
    values = 0

    def value(number: str) -> str:
        nonlocal values
        values = max(values, int(number)) if number else values + 1
        return f"${number or values}"

    def part(found: re.Match[str]) -> str:
        if found["like"]:
            ending = found["escape"] or " ESCAPE ''"
            return f"ILIKE {value(found['like'][1:])}{ending}"
        if found["word"]:
            return _WORDS[" ".join(found["word"].split())]
        if found[0].startswith("?"):
            return value(found["number"])
        return found[0]

    made = _PART.sub(part, sql)
    if made.startswith("CREATE TABLE"):
        made = made.rstrip(" ,\n").replace(") ,", ")")
    return made
