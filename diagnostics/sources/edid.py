"""Displays by their EDID (VESA E-EDID 1.3/1.4): size, native mode, year, serial. Own parser."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Display
from diagnostics.sources.edid_serial import serial
from diagnostics.sources.placeholders import Field, clean

FOLDER = "/sys/class/drm"
HEADER = b"\x00\xff\xff\xff\xff\xff\xff\x00"
BLOCK = 128
_CONNECTOR = re.compile(r"card\d+-(.+)")
_INTERNAL = ("eDP", "LVDS", "DSI")
_TEXT_SERIAL, _TEXT_ANY, _TEXT_NAME = 0xFF, 0xFE, 0xFC


def read(runner: Runner) -> Findings:
    """Every connected display; one that says nothing is named in `unknown`."""
    names = runner.names(FOLDER)
    if names is None:
        return Findings(unknown={"displays": "missing"})
    found: list[Display] = []
    unknown: dict[str, str] = {}
    for name in names:
        matched = _CONNECTOR.fullmatch(name)
        if matched is None:
            continue
        connector = matched[1]
        status = runner.read(f"{FOLDER}/{name}/status")
        if status.text is None:  # what cannot be read is not "no screen"
            unknown[f"displays.{connector}"] = reason(status.problem)
        if status.text != "connected":
            continue
        content = runner.read(f"{FOLDER}/{name}/edid")
        display = parse(content.data or b"", connector)
        if display is None:
            # Empty behind a closed lid, in a virtual machine, or with a broken cable.
            unknown[f"displays.{connector}"] = "unreadable" if content.data else "not_reported"
            internal = _internal(connector)
            found.append(Display(connector=connector, internal=internal))
        else:
            found.append(display)
    return Findings(displays=tuple(found), unknown=unknown)


def _internal(connector: str) -> bool | None:
    return connector.startswith(_INTERNAL) if connector else None


def problem(data: bytes) -> str | None:
    """Why these bytes are no usable EDID: "empty", "short", "header", "checksum"; or `None`."""
    if not data:
        return "empty"
    if len(data) < BLOCK:
        return "short"
    if data[:8] != HEADER:
        return "header"
    return "checksum" if sum(data[:BLOCK]) % 256 else None


def parse(data: bytes, connector: str = "") -> Display | None:
    """The display of an EDID's base block, or `None` where it is empty, cut or corrupt."""
    if problem(data) is not None:
        return None
    texts = _texts(data)
    timing = _preferred(data)
    width_px, height_px, timing_mm = timing if timing else (None, None, None)
    width_mm, height_mm = _size_mm((data[21] * 10, data[22] * 10), timing_mm)
    maker = _maker(int.from_bytes(data[8:10], "big"))
    product, number = (int.from_bytes(data[at:end], "little") for at, end in ((10, 12), (12, 16)))
    return Display(
        connector=connector,
        maker=maker,
        model=_model(texts, data),
        serial=serial(maker, product, number, texts.get(_TEXT_SERIAL), (data[16], 1990 + data[17])),
        year=1990 + data[17] if data[17] else None,
        width_px=width_px,
        height_px=height_px,
        width_mm=width_mm,
        height_mm=height_mm,
        diagonal_tenths_inch=_diagonal(width_mm, height_mm),
        internal=_internal(connector),
    )


def _model(texts: dict[int, str], data: bytes) -> str | None:
    for tag in (_TEXT_NAME, _TEXT_ANY):  # laptop panels put their part number in 0xFE
        if found := clean(texts.get(tag), Field.MODEL):
            return found
    return f"{int.from_bytes(data[10:12], 'little'):04X}"


def _maker(packed: int) -> str | None:
    letters = [(packed >> shift) & 31 for shift in (10, 5, 0)]
    if packed >> 15 or not all(1 <= letter <= 26 for letter in letters):
        return None
    return "".join(chr(64 + letter) for letter in letters)


def _descriptors(data: bytes) -> list[bytes]:
    return [data[start : start + 18] for start in range(54, 126, 18)]


def _texts(data: bytes) -> dict[int, str]:
    """Descriptor texts by tag; several 0xFE lines: the longest, which is the part number."""
    texts: dict[int, str] = {}
    for block in _descriptors(data):
        if block[:3] != b"\x00\x00\x00" or block[3] not in (0xFF, 0xFE, 0xFC):
            continue
        raw = block[5:18].split(b"\n")[0].decode("cp437", "replace")
        line = "".join(sign for sign in raw if sign.isprintable()).strip()
        if line and (block[3] not in texts or len(line) > len(texts[block[3]])):
            texts[block[3]] = line
    return texts


def _preferred(data: bytes) -> tuple[int, int, tuple[int, int]] | None:
    """Width, height in pixels and size in millimetres of the first detailed timing."""
    block = _descriptors(data)[0]
    if block[:2] == b"\x00\x00":
        return None
    width = block[2] | (block[4] >> 4) << 8
    height = block[5] | (block[7] >> 4) << 8
    if block[17] & 0x80:
        height *= 2  # interlaced: the timing describes one field
    size = block[12] | (block[14] >> 4) << 8, block[13] | (block[14] & 15) << 8
    return (width, height, size) if width >= 320 and height >= 200 else None


def _size_mm(
    base: tuple[int, int], timing: tuple[int, int] | None
) -> tuple[int | None, int | None]:
    """The timing's millimetres where they agree with the base block's centimetres.

    Some panels put an aspect ratio (16 x 9) or another panel's size in the timing; a base
    block with one side nought is an aspect ratio too (EDID 1.4) or a projector.
    """
    base_told = base[0] >= 50 and base[1] >= 30
    timing_told = timing is not None and timing[0] >= 50 and timing[1] >= 30
    if timing is not None and timing_told:
        agree = all(abs(base[i] - timing[i]) <= 15 for i in (0, 1))
        if not base_told or agree:
            return timing
    return base if base_told else (None, None)


def _diagonal(width_mm: int | None, height_mm: int | None) -> int | None:
    if width_mm is None or height_mm is None:
        return None
    tenths = round((width_mm**2 + height_mm**2) ** 0.5 / 2.54)
    return tenths if 20 <= tenths <= 2000 else None
