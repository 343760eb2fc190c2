"""Brother QL raster language (300 dpi) on 62 mm tape.

Source: Brother's "Raster Command Reference" for QL-800/810W/820NWB and QL-1100, and the
figures of the brother_ql community for older models. Rows are sent uncompressed, 25 kB a
label: every model takes that, and QL-500 to QL-700 and QL-800 know no compression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from labels.drawing import Drawing
from labels.errors import LabelError
from labels.printers.bits import Reader, across, from_ink, ink_rows, unreadable
from labels.printers.brother import read_setting
from labels.printers.rolls import CONTINUOUS_CODE, DIE_CUT_CODE, Roll
from labels.render.raster import to_image

if TYPE_CHECKING:
    from PIL.Image import Image

TAPE_DOTS = 696  # what is printed of 62 mm (732 dots)
TAPE_MM = 62
RIGHT_PINS = 12  # unused pins at the right of 62 mm tape
FEED_DOTS = 35  # blank feed before and after, on continuous tape
DIE_CUT = {"62x29": (29, 271)}  # size: length in mm, printed rows


class Model(msgspec.Struct, frozen=True):
    """What differs between models, for our purpose."""

    name: str
    least_rows: int  # shorter prints are refused
    row_bytes: int = 90
    extra_pins: int = 0  # further unused pins at the right
    switches_mode: bool = True  # knows ESC i a (raster mode)
    cuts: bool = True  # has a cutter and "expanded mode"


MODELS = {
    model.name: model
    for model in (
        Model("QL-500", 295, switches_mode=False, cuts=False),
        Model("QL-550", 295, switches_mode=False),
        Model("QL-560", 295, switches_mode=False),
        Model("QL-570", 150, switches_mode=False),
        Model("QL-580N", 150),
        Model("QL-650TD", 295),
        Model("QL-700", 150, switches_mode=False),
        Model("QL-710W", 150),
        Model("QL-720NW", 150),
        Model("QL-800", 150),
        Model("QL-810W", 150),
        Model("QL-820NWB", 150),
        Model("QL-1050", 295, row_bytes=162, extra_pins=44),
        Model("QL-1060N", 295, row_bytes=162, extra_pins=44),
        # QL-1100 refuses a 62x29 label as it is: it wants 301 rows.
        Model("QL-1100", 301, row_bytes=162, extra_pins=44),
        Model("QL-1110NWB", 301, row_bytes=162, extra_pins=44),
    )
}


def is_die_cut(roll: Roll, size_name: str) -> bool:
    """Whether this die-cut roll is the one for labels of this size."""
    return roll.width_mm == TAPE_MM and roll.length_mm == DIE_CUT.get(size_name, (None,))[0]


def encode(drawing: Drawing, *, model: str = "QL-800", die_cut: bool = False) -> bytes:
    """The bytes of one label; on continuous tape unless `die_cut`.

    Raises `LabelError`: `unknown_target` (model), `unknown_size` (no such die-cut roll),
    `label_too_wide`.
    """
    printer = MODELS.get(model)
    if printer is None:
        raise LabelError("unknown_target", target=model, known=", ".join(MODELS))
    length_mm, most_rows = _stock(drawing, die_cut=die_cut)
    picture = _on_tape(drawing, most_rows)
    rows = max(picture.height, printer.least_rows)
    return b"".join(
        (
            bytes(400),  # a full row and more: whatever was half sent before is thrown away
            b"\x1bia\x01" if printer.switches_mode else b"",
            b"\x1b@",
            b"\x1bia\x01" if printer.switches_mode else b"",
            _print_information(length_mm, rows),
            b"\x1biM\x40\x1biA\x01\x1biK\x08" if printer.cuts else b"",  # cut each label
            b"\x1bid" + (0 if die_cut else FEED_DOTS).to_bytes(2, "little"),
            _raster_lines(_under_head(picture, printer, rows)),
            b"\x1a",
        )
    )


def _stock(drawing: Drawing, *, die_cut: bool) -> tuple[int, int | None]:
    if not die_cut:
        return 0, None
    if drawing.size_name not in DIE_CUT:
        raise LabelError("unknown_size", size=drawing.size_name, known=", ".join(DIE_CUT))
    return DIE_CUT[drawing.size_name]


def _print_information(length_mm: int, rows: int) -> bytes:
    """ESC i z: kind and width valid (and length on die-cut), quality first, row count."""
    flags = 0x80 | 0x40 | 0x04 | 0x02 | (0x08 if length_mm else 0)
    kind = DIE_CUT_CODE if length_mm else CONTINUOUS_CODE
    return (
        b"\x1biz" + bytes((flags, kind, TAPE_MM, length_mm)) + rows.to_bytes(4, "little") + b"\0\0"
    )


def _on_tape(drawing: Drawing, most_rows: int | None) -> Image:
    """The part of the label the tape can show; only blank margins are left out."""
    picture = across(to_image(drawing), TAPE_DOTS + 36, "ql", drawing.size_name)
    ink = _ink_box(picture)
    side = max(0, (picture.width - TAPE_DOTS) // 2)
    if most_rows is not None:
        top = bottom = max(0, picture.height - most_rows) // 2
        bottom = picture.height - most_rows - top
    else:
        # The printer feeds 35 blank dots before and after on its own.
        top, bottom = min(FEED_DOTS, ink[1]), min(FEED_DOTS, picture.height - ink[3])
    kept = (side, top, picture.width - side, picture.height - bottom)
    if ink[0] < kept[0] or ink[1] < kept[1] or ink[2] > kept[2] or ink[3] > kept[3]:
        raise LabelError("label_too_wide", target="ql", size=drawing.size_name)
    return picture.crop(kept)


def _ink_box(picture: Image) -> tuple[int, int, int, int]:
    from PIL import ImageChops

    box = ImageChops.invert(picture).getbbox()
    return box or (0, 0, *picture.size)


def _under_head(picture: Image, printer: Model, rows: int) -> Image:
    """The whole row of pins, pin 1 at the right of the label: hence mirrored."""
    from PIL import Image as images
    from PIL import ImageOps

    pins = printer.row_bytes * 8
    head = images.new("1", (pins, rows), 255)
    spare = (TAPE_DOTS - picture.width) // 2
    head.paste(picture, (pins - RIGHT_PINS - printer.extra_pins - TAPE_DOTS + spare, 0))
    return ImageOps.mirror(head)


def _raster_lines(head: Image) -> bytes:
    row_bytes, rows = ink_rows(head)
    start = bytes((0x67, 0x00, row_bytes))
    return b"".join(
        start + rows[offset : offset + row_bytes] for offset in range(0, len(rows), row_bytes)
    )


# Parameter lengths of the commands between ESC i and the first raster line.
_KINDS = {CONTINUOUS_CODE: False, DIE_CUT_CODE: True}  # whether a label has a length of its own
_PARAMETERS = {b"a": 1, b"z": 10, b"M": 1, b"A": 1, b"K": 1, b"d": 2, b"S": 0}


def decode(data: bytes) -> Image:
    """The label as it leaves the printer: the printed 696 dots of the tape.

    Follows the command stream as the printer would; raises
    `LabelError("bytes_unreadable")` where the printer would not print, or would print
    off the tape.
    """
    reader = Reader(data.lstrip(b"\0"), "ql")
    rows: list[bytes] = []
    announced = 0
    while reader:
        command = reader.byte()
        if command == 0x00:
            continue
        if command == 0x67:
            head = reader.take(2)
            rows.append(reader.take(head[1]))
            rows += reader.rows(b"\x67" + head, head[1])
        elif command == 0x1A:
            return _picture(rows, announced)
        elif command == 0x1B:
            announced = read_setting(reader, "ql", _PARAMETERS, TAPE_MM, _KINDS) or announced
        else:
            raise unreadable("ql", f"unknown command {command:#04x}")
    raise unreadable("ql", "no print command")


def _picture(rows: list[bytes], announced: int) -> Image:
    from PIL import ImageOps

    lengths = {len(row) for row in rows}
    if len(rows) != announced or len(lengths) != 1:
        raise unreadable("ql", f"{len(rows)} rows sent, {announced} announced")
    (row_bytes,) = lengths
    extra = {model.row_bytes: model.extra_pins for model in MODELS.values()}.get(row_bytes)
    if extra is None:
        raise unreadable("ql", f"rows of {row_bytes} bytes")
    head = ImageOps.mirror(from_ink(b"".join(rows), row_bytes, "ql"))
    right = head.width - RIGHT_PINS - extra
    ink = _ink_box(head) if b"".join(rows).strip(b"\0") else (right, 0, right, 0)
    if ink[0] < right - TAPE_DOTS or ink[2] > right:
        raise unreadable("ql", "ink beside the tape")
    return head.crop((right - TAPE_DOTS, 0, right, head.height))
