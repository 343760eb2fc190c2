"""What Brother's QL and P-touch raster languages share: the settings before the rows."""

from __future__ import annotations

from collections.abc import Mapping

from labels.printers.bits import Reader, unreadable

# Most settings are ESC i, one letter and a fixed number of parameter bytes.
ParameterLengths = Mapping[bytes, int]


def read_setting(
    reader: Reader,
    kind: str,
    lengths: ParameterLengths,
    tape_mm: int,
    media: Mapping[int, bool],
) -> int:
    """One command after its ESC; the number of rows where it announces it, else 0.

    `lengths` holds the letters this printer takes after ESC i, `media` the kinds of tape and
    whether its labels have a length. Raises `LabelError("bytes_unreadable")` for any other
    letter, for tape of another kind or width, and for a length where there is none.
    """
    second = reader.take(1)
    if second == b"@":
        return 0
    name = reader.take(1) if second == b"i" else b""
    if name not in lengths:
        raise unreadable(kind, f"unknown command ESC {second + name!r}")
    parameters = reader.take(lengths[name])
    if name != b"z":
        return 0
    # ESC i z, "print information": flags, kind, width and length in mm, rows in four bytes.
    if parameters[2] != tape_mm:
        raise unreadable(kind, f"{parameters[2]} mm tape")
    if media.get(parameters[1]) is not bool(parameters[3]):
        raise unreadable(kind, f"media {parameters[1]:#04x} of {parameters[3]} mm")
    return int.from_bytes(parameters[4:8], "little")
