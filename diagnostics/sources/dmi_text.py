"""The structures of a `dmidecode` dump, however it was handed on. Pure; never raises.

Tabs are the tool's own. A dump comes pasted too: indented by blanks or not at all, quoted in a
mail ("> "), with CRLF or no-break spaces; and old releases put the type on a line below its handle.
So what belongs to what follows from how lines are indented against each other.
"""

from __future__ import annotations

import re

import msgspec

from diagnostics.sources.smbios import Table

MAX_LINES = 200_000
_QUOTED = re.compile(r"(?:[>|] ?)+")
_HANDLE = re.compile(r"Handle 0x[0-9A-Fa-f]{1,8}\b,?(.*)")
_TYPE = re.compile(r"DMI type (\d{1,3})\b")
_PAIR = re.compile(r"([^:]{1,81}):(?:\s+(.*))?")
END_OF_TABLE = 127


class _Line(msgspec.Struct, frozen=True):
    depth: int
    text: str


def split(text: str) -> list[Table]:
    """All structures in order. A line that fits nothing is skipped."""
    tables: list[Table] = []
    lines: list[_Line] | None = None
    number: int | None = None
    for raw in [*text.splitlines()[:MAX_LINES], "Handle 0x0"]:
        line = _line(raw)
        if (found := _HANDLE.match(line.text)) and line.text:
            if number is not None:
                tables.append(_table(number, lines or []))
            lines, number = [], None
            line = _Line(line.depth, found[1].strip())
        if number is None and (told := _TYPE.match(line.text)):
            number = int(told[1]) if lines is not None else None
        elif line.text and lines is not None and number is not None:
            lines.append(line)
    return tables


def _line(raw: str) -> _Line:
    bare = raw.replace("\xa0", " ")
    if quoted := _QUOTED.match(bare):
        bare = bare[quoted.end() :]
    bare = bare.expandtabs()
    tidy = bare.strip()
    return _Line(len(bare) - len(bare.lstrip()), tidy)


def _table(number: int, lines: list[_Line]) -> Table:
    """The first line is the title, the next shows how deep values stand; what stands deeper is
    a list. Without any indentation, a line with no colon belongs to the list. A line back at the
    title's depth is another structure's, whose handle is lost."""
    table = Table(number, {}, {})
    title, rest = (lines[0].depth, lines[1:]) if lines else (0, [])
    depth = rest[0].depth if rest else 0
    last = ""
    for line in rest:
        if line.depth <= title < depth:
            break
        pair = _PAIR.fullmatch(line.text) if line.depth <= depth else None
        if pair is None:
            table.lists.setdefault(last, []).append(line.text)
        else:
            last = pair[1].strip()
            table.values.setdefault(last, (pair[2] or "").strip())
    return table
