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

from labels.printers.ipp import Answer


class State(enum.StrEnum):
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
PRINTABLE = frozenset({State.READY, State.PAPER_LOW})


class Status(msgspec.Struct, frozen=True):
    """What one answer says; sizes `None` where the printer does not tell them."""

    states: tuple[State, ...]  # worst first, never empty
    media_width_mm: int | None = None
    media_length_mm: int | None = None  # 0 on continuous tape
    model: str | None = None

    @property
    def worst(self) -> State:
        return self.states[0]


def _status(found: set[State], **details: int | str | None) -> Status:
    ordered = tuple(state for state in State if state in found) or (State.READY,)
    return Status(ordered, **details)  # type: ignore[arg-type]


UNKNOWN = _status({State.UNKNOWN_ANSWER})
NO_ANSWER = _status({State.NO_ANSWER})

# Brother: bits of the two error bytes.
_QL_ERRORS_1 = {
    0: State.PAPER_OUT,
    1: State.PAPER_OUT,
    2: State.JAM,  # of the cutter
    4: State.BUSY,  # main unit in use
    5: State.OFF,
    6: State.FAULT,
    7: State.FAULT,  # fan
}
_QL_ERRORS_2 = {
    0: State.WRONG_TAPE,  # "replace media"
    1: State.FAULT,
    2: State.FAULT,
    3: State.BUSY,
    4: State.COVER_OPEN,
    6: State.PAPER_OUT,  # cannot be fed, also at the end of the roll
    7: State.FAULT,
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


def from_brother(answer: bytes, wanted_width_mm: int = 62) -> Status:
    """The 32 bytes that answer ESC i S; other widths than wanted are `wrong_tape`."""
    if len(answer) < 32 or not answer.startswith(b"\x80\x20\x42"):
        return UNKNOWN
    found = {state for bit, state in _QL_ERRORS_1.items() if answer[8] >> bit & 1}
    found |= {state for bit, state in _QL_ERRORS_2.items() if answer[9] >> bit & 1}
    width, kind, length = answer[10], answer[11], answer[17]
    if kind == 0 or width == 0:
        found.add(State.PAPER_OUT)
    elif width != wanted_width_mm:
        found.add(State.WRONG_TAPE)
    if answer[19] == 1:
        found.add(State.BUSY)
    model = _QL_MODELS.get(answer[4])
    return _status(found, media_width_mm=width, media_length_mm=length, model=model)


def from_zpl(answer: bytes) -> Status:
    """The three lines that answer ~HS."""
    lines = re.findall(rb"\x02([0-9,]{1,80})\x03", answer[:1000])
    fields = [line.split(b",") for line in lines[:2]]
    if len(fields) < 2 or len(fields[0]) < 12 or len(fields[1]) < 9:
        return UNKNOWN
    first, second = fields
    flags = {
        State.PAPER_OUT: first[1],
        State.PAUSED: first[2],
        State.BUSY: first[5],  # receive buffer full
        State.HEAD_HOT: first[11],
        State.COVER_OPEN: second[2],
        State.RIBBON_OUT: second[3],
    }
    return _status({state for state, flag in flags.items() if flag.strip(b"0")})


_EPL_ERRORS = {
    0: State.READY,
    7: State.PAPER_OUT,  # "paper or ribbon empty"
    11: State.COVER_OPEN,  # "print head open"
    12: State.PAUSED,
}


def from_epl(answer: bytes) -> Status:
    """The two digits that answer ^ee."""
    match = re.match(rb"\s*([0-9]{2})\s", answer[:16] + b" ")
    if match is None:
        return UNKNOWN
    return _status({_EPL_ERRORS.get(int(match[1]), State.FAULT)} - {State.READY})


def from_dymo(answer: bytes) -> Status:
    """The byte that answers ESC A; its lowest bit is always set."""
    if len(answer) < 1 or not answer[0] & 1:
        return UNKNOWN
    bits = {5: State.PAPER_OUT, 6: State.JAM}
    found = {state for bit, state in bits.items() if answer[0] >> bit & 1}
    if answer[0] >> 7 & 1 and not found:  # set together with "out of paper"
        found.add(State.FAULT)
    return _status(found)


def from_escpos(answer: bytes) -> Status:
    """The two bytes that answer DLE EOT 2 and DLE EOT 4."""
    # Bits 0 and 7 are always 0, bits 1 and 4 always 1: so garbage is seen.
    if len(answer) < 2 or any(byte & 0b10010011 != 0b00010010 for byte in answer[:2]):
        return UNKNOWN
    offline, paper = answer[0], answer[1]
    flags = {
        State.COVER_OPEN: offline >> 2 & 1,
        State.FAULT: offline >> 6 & 1,
        State.PAPER_OUT: (offline >> 5 | paper >> 5 | paper >> 6) & 1,
        State.PAPER_LOW: (paper >> 2 | paper >> 3) & 1,
    }
    return _status({state for state, flag in flags.items() if flag})


def from_usblp(flags: int) -> Status:
    """The kernel's LPGETSTATUS: paper out 0x20, selected 0x10, no error 0x08."""
    found = set()
    if flags & 0x20:
        found.add(State.PAPER_OUT)
    elif not flags & 0x08:
        found.add(State.FAULT)
    elif not flags & 0x10:
        found.add(State.PAUSED)
    return _status(found)


_IPP_REASONS = {
    "media-empty": State.PAPER_OUT,
    "media-needed": State.PAPER_OUT,
    "media-low": State.PAPER_LOW,
    "media-jam": State.JAM,
    "cover-open": State.COVER_OPEN,
    "door-open": State.COVER_OPEN,
    "interlock-open": State.COVER_OPEN,
    "toner-empty": State.RIBBON_OUT,
    "marker-supply-empty": State.RIBBON_OUT,
    "paused": State.PAUSED,
    "shutdown": State.OFF,
    "timed-out": State.NO_ANSWER,
}


def from_ipp(answer: Answer) -> Status:
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
            found.add(State.FAULT)
    if state == 5 and not found - {State.PAPER_LOW}:
        found.add(State.FAULT)
    if state == 4:
        found.add(State.BUSY)
    if state is None and not reasons:
        return UNKNOWN
    return _status(found)
