"""What a printer says about itself, as a few codes that have a sentence each.

Sentences are in `bench/words/<language>/label.toml` under `status.<code>`. Parsing is
pure and never raises: an answer that makes no sense is the code `unknown_answer`.
Sources: Brother's raster reference (32-byte status), Zebra's ZPL II guide (~HS), the
EPL2 guide (^ee), DYMO's LabelWriter 400 reference (status byte), Epson's ESC/POS
reference (DLE EOT), RFC 8011 and PWG names (printer-state-reasons), usblp (LPGETSTATUS).
"""

from __future__ import annotations

import enum
import re

import msgspec

from labels.printers.ipp import IppAnswer
from labels.printers.rolls import CONTINUOUS_CODES, DIE_CUT_CODES, Roll


class PrinterState(enum.StrEnum):
    """Worst first: `worst` of a status is what the worker is told."""

    OFF = "off"
    COVER_OPEN = "cover_open"
    PAPER_OUT = "paper_out"
    WRONG_TAPE = "wrong_tape"
    JAM = "jam"
    RIBBON_OUT = "ribbon_out"
    HEAD_HOT = "head_hot"
    FAULT = "fault"
    PAUSED = "paused"
    BUSY = "busy"
    PAPER_LOW = "paper_low"
    NO_ANSWER = "no_answer"
    UNKNOWN_ANSWER = "unknown_answer"
    READY = "ready"


# In these the printer would take a label and print it.
PRINTABLE = frozenset({PrinterState.READY, PrinterState.PAPER_LOW})


class PrinterStatus(msgspec.Struct, frozen=True):
    """What one answer says; sizes `None` where the printer does not tell them."""

    states: tuple[PrinterState, ...]  # worst first, never empty
    media_width_mm: int | None = None
    media_length_mm: int | None = None  # 0 on continuous tape
    model: str | None = None
    why: str = ""  # the system's word, where there is no answer at all

    @property
    def roll(self) -> Roll | None:
        """The roll of a Brother QL; `None` where it does not say."""
        width, length = self.media_width_mm, self.media_length_mm
        return Roll(width, length) if width and length is not None else None

    @property
    def worst(self) -> PrinterState:
        return self.states[0]


def _status(found: set[PrinterState], **details: int | str | None) -> PrinterStatus:
    ordered = tuple(state for state in PrinterState if state in found) or (PrinterState.READY,)
    return PrinterStatus(ordered, **details)  # type: ignore[arg-type]


UNKNOWN = _status({PrinterState.UNKNOWN_ANSWER})
NO_ANSWER = _status({PrinterState.NO_ANSWER})

# Brother: bits of the two error bytes.
_QL_ERRORS_1 = {
    0: PrinterState.PAPER_OUT,
    1: PrinterState.PAPER_OUT,
    2: PrinterState.JAM,  # of the cutter
    4: PrinterState.BUSY,  # main unit in use
    5: PrinterState.OFF,
    6: PrinterState.FAULT,
    7: PrinterState.FAULT,  # fan
}
_QL_ERRORS_2 = {
    0: PrinterState.WRONG_TAPE,  # "replace media"
    1: PrinterState.FAULT,
    2: PrinterState.FAULT,
    3: PrinterState.BUSY,
    4: PrinterState.COVER_OPEN,
    6: PrinterState.PAPER_OUT,  # cannot be fed, also at the end of the roll
    7: PrinterState.FAULT,
}
_QL_MODELS = {
    0x31: "QL-560",
    0x32: "QL-570",
    0x33: "QL-580N",
    0x34: "QL-1060N",
    0x35: "QL-700",
    0x36: "QL-710W",
    0x37: "QL-720NW",
    0x38: "QL-800",
    0x39: "QL-810W",
    0x41: "QL-820NWB",
    0x43: "QL-1100",
    0x44: "QL-1110NWB",
    0x50: "QL-1050",
    0x51: "QL-650TD",
}


def from_brother(answer: bytes, wanted_width_mm: int = 62) -> PrinterStatus:
    """The 32 bytes that answer ESC i S; other widths than wanted are `wrong_tape`."""
    if len(answer) < 32 or not answer.startswith(b"\x80\x20\x42"):
        return UNKNOWN
    found = {state for bit, state in _QL_ERRORS_1.items() if answer[8] >> bit & 1}
    found |= {state for bit, state in _QL_ERRORS_2.items() if answer[9] >> bit & 1}
    width, kind, length = answer[10], answer[11], answer[17]
    if kind == 0 or width == 0:
        found.add(PrinterState.PAPER_OUT)
    elif width != wanted_width_mm:
        found.add(PrinterState.WRONG_TAPE)
    if answer[19] == 1:
        found.add(PrinterState.BUSY)
    model = _QL_MODELS.get(answer[4])
    told = _length_mm(kind, length)
    return _status(found, media_width_mm=width, media_length_mm=told, model=model)


def _length_mm(kind: int, length: int) -> int | None:
    """Of a die-cut label, 0 on continuous tape; `None` where kind and length say nothing sure."""
    if kind in DIE_CUT_CODES:
        return length or None
    return 0 if kind in CONTINUOUS_CODES else None


def from_zpl(answer: bytes) -> PrinterStatus:
    """The three lines that answer ~HS."""
    lines = re.findall(rb"\x02([0-9,]{1,80})\x03", answer[:1000])
    fields = [line.split(b",") for line in lines[:2]]
    if len(fields) < 2 or len(fields[0]) < 12 or len(fields[1]) < 9:
        return UNKNOWN
    first, second = fields
    flags = {
        PrinterState.PAPER_OUT: first[1],
        PrinterState.PAUSED: first[2],
        PrinterState.BUSY: first[5],  # receive buffer full
        PrinterState.HEAD_HOT: first[11],
        PrinterState.COVER_OPEN: second[2],
        PrinterState.RIBBON_OUT: second[3],
    }
    return _status({state for state, flag in flags.items() if flag.strip(b"0")})


_EPL_ERRORS = {
    0: PrinterState.READY,
    7: PrinterState.PAPER_OUT,  # "paper or ribbon empty"
    11: PrinterState.COVER_OPEN,  # "print head open"
    12: PrinterState.PAUSED,
}


def from_epl(answer: bytes) -> PrinterStatus:
    """The two digits that answer ^ee."""
    match = re.match(rb"\s*([0-9]{2})\s", answer[:16] + b" ")
    if match is None:
        return UNKNOWN
    return _status({_EPL_ERRORS.get(int(match[1]), PrinterState.FAULT)} - {PrinterState.READY})


def from_dymo(answer: bytes) -> PrinterStatus:
    """The byte that answers ESC A; its lowest bit is always set."""
    if len(answer) < 1 or not answer[0] & 1:
        return UNKNOWN
    bits = {5: PrinterState.PAPER_OUT, 6: PrinterState.JAM}
    found = {state for bit, state in bits.items() if answer[0] >> bit & 1}
    if answer[0] >> 7 & 1 and not found:  # set together with "out of paper"
        found.add(PrinterState.FAULT)
    return _status(found)


def from_escpos(answer: bytes) -> PrinterStatus:
    """The two bytes that answer DLE EOT 2 and DLE EOT 4."""
    # Bits 0 and 7 are always 0, bits 1 and 4 always 1: so garbage is seen.
    if len(answer) < 2 or any(byte & 0b10010011 != 0b00010010 for byte in answer[:2]):
        return UNKNOWN
    offline, paper = answer[0], answer[1]
    flags = {
        PrinterState.COVER_OPEN: offline >> 2 & 1,
        PrinterState.FAULT: offline >> 6 & 1,
        PrinterState.PAPER_OUT: (offline >> 5 | paper >> 5 | paper >> 6) & 1,
        PrinterState.PAPER_LOW: (paper >> 2 | paper >> 3) & 1,
    }
    return _status({state for state, flag in flags.items() if flag})


def from_usblp(flags: int) -> PrinterStatus:
    """The kernel's LPGETSTATUS: paper out 0x20, selected 0x10, no error 0x08."""
    found = set()
    if flags & 0x20:
        found.add(PrinterState.PAPER_OUT)
    elif not flags & 0x08:
        found.add(PrinterState.FAULT)
    elif not flags & 0x10:
        found.add(PrinterState.PAUSED)
    return _status(found)


_IPP_REASONS = {
    "media-empty": PrinterState.PAPER_OUT,
    "media-needed": PrinterState.PAPER_OUT,
    "media-low": PrinterState.PAPER_LOW,
    "media-jam": PrinterState.JAM,
    "cover-open": PrinterState.COVER_OPEN,
    "door-open": PrinterState.COVER_OPEN,
    "interlock-open": PrinterState.COVER_OPEN,
    "toner-empty": PrinterState.RIBBON_OUT,
    "marker-supply-empty": PrinterState.RIBBON_OUT,
    "paused": PrinterState.PAUSED,
    "shutdown": PrinterState.OFF,
    "timed-out": PrinterState.NO_ANSWER,
}


def from_ipp(answer: IppAnswer) -> PrinterStatus:
    """printer-state-reasons and printer-state of Get-Printer-Attributes."""
    if answer.status >= 0x0100:
        return UNKNOWN
    state = answer.number("printer-state")
    reasons = answer.words("printer-state-reasons")
    found = set()
    for reason in reasons:
        base = re.sub(r"-(error|warning|report)$", "", reason)
        if base in _IPP_REASONS:
            found.add(_IPP_REASONS[base])
        elif reason.endswith("-error"):
            found.add(PrinterState.FAULT)
    if state == 5 and not found - {PrinterState.PAPER_LOW}:
        found.add(PrinterState.FAULT)
    if state == 4:
        found.add(PrinterState.BUSY)
    if state is None and not reasons:
        return UNKNOWN
    return _status(found)
