"""What printers answer about themselves, understood."""

import random

import pytest

from labels.printers import status
from labels.printers.ipp import IppAnswer
from labels.printers.status import PrinterState


def brother(
    errors: tuple[int, int] = (0, 0),
    width: int = 62,
    kind: int = 0x0A,
    length: int = 0,
    phase: int = 0,
) -> bytes:
    answer = bytearray(32)
    answer[0:7] = b"\x80\x20\x42\x34\x38\x30\x00"
    answer[8], answer[9] = errors
    answer[10], answer[11], answer[17], answer[19] = width, kind, length, phase
    return bytes(answer)


@pytest.mark.parametrize(
    ("answer", "worst"),
    [
        (brother(), PrinterState.READY),
        (brother((0x01, 0)), PrinterState.PAPER_OUT),
        (brother((0x02, 0)), PrinterState.PAPER_OUT),
        (brother((0x04, 0)), PrinterState.JAM),
        (brother((0x10, 0)), PrinterState.BUSY),
        (brother((0, 0x01)), PrinterState.WRONG_TAPE),
        (brother((0, 0x10)), PrinterState.COVER_OPEN),
        (brother((0, 0x40)), PrinterState.PAPER_OUT),
        (brother((0x01, 0x10)), PrinterState.COVER_OPEN),  # the cover first, then the roll
        (brother(width=29), PrinterState.WRONG_TAPE),
        (brother(width=0, kind=0), PrinterState.PAPER_OUT),
        (brother(phase=1), PrinterState.BUSY),
        (brother()[:31], PrinterState.UNKNOWN_ANSWER),
        (b"", PrinterState.UNKNOWN_ANSWER),
    ],
)
def test_brother(answer: bytes, worst: PrinterState) -> None:
    assert status.from_brother(answer).worst is worst


def test_brother_tells_its_roll_and_model() -> None:
    found = status.from_brother(brother(kind=0x0B, length=29))
    assert (found.media_width_mm, found.media_length_mm, found.model) == (62, 29, "QL-800")


def zebra(**flags: int) -> bytes:
    names = ("paper", "pause", "full", "hot", "head", "ribbon")
    paper, pause, full, hot, head, ribbon = (flags.get(name, 0) for name in names)
    return (
        f"\x02030,{paper},{pause},0400,000,{full},0,0,000,0,0,{hot}\x03\r\n"
        f"\x02001,0,{head},{ribbon},1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("answer", "worst"),
    [
        (zebra(), PrinterState.READY),
        (zebra(paper=1), PrinterState.PAPER_OUT),
        (zebra(pause=1), PrinterState.PAUSED),
        (zebra(full=1), PrinterState.BUSY),
        (zebra(hot=1), PrinterState.HEAD_HOT),
        (zebra(head=1), PrinterState.COVER_OPEN),
        (zebra(ribbon=1), PrinterState.RIBBON_OUT),
        (zebra(paper=1, head=1, pause=1), PrinterState.COVER_OPEN),
        (zebra()[:40], PrinterState.UNKNOWN_ANSWER),
        (b"\x02\x03\x02\x03", PrinterState.UNKNOWN_ANSWER),
    ],
)
def test_zpl(answer: bytes, worst: PrinterState) -> None:
    assert status.from_zpl(answer).worst is worst


@pytest.mark.parametrize(
    ("answer", "worst"),
    [
        (b"00\r\n", PrinterState.READY),
        (b"07\r\n", PrinterState.PAPER_OUT),
        (b"11\r\n", PrinterState.COVER_OPEN),
        (b"12\r\n", PrinterState.PAUSED),
        (b"04\r\n", PrinterState.FAULT),
        (b"x", PrinterState.UNKNOWN_ANSWER),
        (b"", PrinterState.UNKNOWN_ANSWER),
    ],
)
def test_epl(answer: bytes, worst: PrinterState) -> None:
    assert status.from_epl(answer).worst is worst


@pytest.mark.parametrize(
    ("answer", "worst"),
    [
        (b"\x03", PrinterState.READY),
        (b"\xa1", PrinterState.PAPER_OUT),
        (b"\x41", PrinterState.JAM),
        (b"\x81", PrinterState.FAULT),
        (b"\x00", PrinterState.UNKNOWN_ANSWER),
        (b"", PrinterState.UNKNOWN_ANSWER),
    ],
)
def test_dymo(answer: bytes, worst: PrinterState) -> None:
    assert status.from_dymo(answer).worst is worst


@pytest.mark.parametrize(
    ("answer", "worst"),
    [
        (b"\x12\x12", PrinterState.READY),
        (b"\x16\x12", PrinterState.COVER_OPEN),
        (b"\x32\x72", PrinterState.PAPER_OUT),
        (b"\x12\x1e", PrinterState.PAPER_LOW),
        (b"\x52\x12", PrinterState.FAULT),
        (b"\xff\xff", PrinterState.UNKNOWN_ANSWER),
        (b"\x12", PrinterState.UNKNOWN_ANSWER),
    ],
)
def test_escpos(answer: bytes, worst: PrinterState) -> None:
    assert status.from_escpos(answer).worst is worst


@pytest.mark.parametrize(
    ("flags", "worst"),
    [
        (0x18, PrinterState.READY),
        (0x38, PrinterState.PAPER_OUT),
        (0x10, PrinterState.FAULT),
        (0x08, PrinterState.PAUSED),
    ],
)
def test_usblp(flags: int, worst: PrinterState) -> None:
    assert status.from_usblp(flags).worst is worst


@pytest.mark.parametrize(
    ("state", "reasons", "worst"),
    [
        (3, ("none",), PrinterState.READY),
        (4, ("none",), PrinterState.BUSY),
        (5, ("media-empty-error",), PrinterState.PAPER_OUT),
        (5, ("cover-open-warning", "media-empty"), PrinterState.COVER_OPEN),
        (5, ("none",), PrinterState.FAULT),
        (3, ("media-low-report",), PrinterState.PAPER_LOW),
        (3, ("strange-error",), PrinterState.FAULT),
        (3, ("marker-supply-low-warning",), PrinterState.READY),
    ],
)
def test_ipp(state: int, reasons: tuple[str, ...], worst: PrinterState) -> None:
    answer = IppAnswer(0, {"printer-state": (state,), "printer-state-reasons": reasons})
    assert status.from_ipp(answer).worst is worst


def test_ipp_without_a_state() -> None:
    assert status.from_ipp(IppAnswer(0, {})).worst is PrinterState.UNKNOWN_ANSWER
    assert status.from_ipp(IppAnswer(0x0400, {})).worst is PrinterState.UNKNOWN_ANSWER


def test_garbage_is_never_ready_by_accident_nor_an_exception() -> None:
    chance = random.Random(3)
    for _ in range(3000):
        junk = chance.randbytes(chance.randrange(0, 120))
        for read in (status.from_brother, status.from_zpl, status.from_epl):
            assert read(junk).states
        if not junk.startswith(b"\x80\x20\x42"):
            assert status.from_brother(junk).worst is PrinterState.UNKNOWN_ANSWER
