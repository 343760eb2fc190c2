"""What printers answer about themselves, understood."""

import random

import pytest

from labels.printers import status
from labels.printers.ipp import Answer
from labels.printers.status import State


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
        (brother(), State.READY),
        (brother((0x01, 0)), State.PAPER_OUT),
        (brother((0x02, 0)), State.PAPER_OUT),
        (brother((0x04, 0)), State.JAM),
        (brother((0x10, 0)), State.BUSY),
        (brother((0, 0x01)), State.WRONG_TAPE),
        (brother((0, 0x10)), State.COVER_OPEN),
        (brother((0, 0x40)), State.PAPER_OUT),
        (brother((0x01, 0x10)), State.COVER_OPEN),  # the cover first, then the roll
        (brother(width=29), State.WRONG_TAPE),
        (brother(width=0, kind=0), State.PAPER_OUT),
        (brother(phase=1), State.BUSY),
        (brother()[:31], State.UNKNOWN_ANSWER),
        (b"", State.UNKNOWN_ANSWER),
    ],
)
def test_brother(answer: bytes, worst: State) -> None:
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
        (zebra(), State.READY),
        (zebra(paper=1), State.PAPER_OUT),
        (zebra(pause=1), State.PAUSED),
        (zebra(full=1), State.BUSY),
        (zebra(hot=1), State.HEAD_HOT),
        (zebra(head=1), State.COVER_OPEN),
        (zebra(ribbon=1), State.RIBBON_OUT),
        (zebra(paper=1, head=1, pause=1), State.COVER_OPEN),
        (zebra()[:40], State.UNKNOWN_ANSWER),
        (b"\x02\x03\x02\x03", State.UNKNOWN_ANSWER),
    ],
)
def test_zpl(answer: bytes, worst: State) -> None:
    assert status.from_zpl(answer).worst is worst


@pytest.mark.parametrize(
    ("answer", "worst"),
    [
        (b"00\r\n", State.READY),
        (b"07\r\n", State.PAPER_OUT),
        (b"11\r\n", State.COVER_OPEN),
        (b"12\r\n", State.PAUSED),
        (b"04\r\n", State.FAULT),
        (b"x", State.UNKNOWN_ANSWER),
        (b"", State.UNKNOWN_ANSWER),
    ],
)
def test_epl(answer: bytes, worst: State) -> None:
    assert status.from_epl(answer).worst is worst


@pytest.mark.parametrize(
    ("answer", "worst"),
    [
        (b"\x03", State.READY),
        (b"\xa1", State.PAPER_OUT),
        (b"\x41", State.JAM),
        (b"\x81", State.FAULT),
        (b"\x00", State.UNKNOWN_ANSWER),
        (b"", State.UNKNOWN_ANSWER),
    ],
)
def test_dymo(answer: bytes, worst: State) -> None:
    assert status.from_dymo(answer).worst is worst


@pytest.mark.parametrize(
    ("answer", "worst"),
    [
        (b"\x12\x12", State.READY),
        (b"\x16\x12", State.COVER_OPEN),
        (b"\x32\x72", State.PAPER_OUT),
        (b"\x12\x1e", State.PAPER_LOW),
        (b"\x52\x12", State.FAULT),
        (b"\xff\xff", State.UNKNOWN_ANSWER),
        (b"\x12", State.UNKNOWN_ANSWER),
    ],
)
def test_escpos(answer: bytes, worst: State) -> None:
    assert status.from_escpos(answer).worst is worst


@pytest.mark.parametrize(
    ("flags", "worst"),
    [(0x18, State.READY), (0x38, State.PAPER_OUT), (0x10, State.FAULT), (0x08, State.PAUSED)],
)
def test_usblp(flags: int, worst: State) -> None:
    assert status.from_usblp(flags).worst is worst


@pytest.mark.parametrize(
    ("state", "reasons", "worst"),
    [
        (3, ("none",), State.READY),
        (4, ("none",), State.BUSY),
        (5, ("media-empty-error",), State.PAPER_OUT),
        (5, ("cover-open-warning", "media-empty"), State.COVER_OPEN),
        (5, ("none",), State.FAULT),
        (3, ("media-low-report",), State.PAPER_LOW),
        (3, ("strange-error",), State.FAULT),
        (3, ("marker-supply-low-warning",), State.READY),
    ],
)
def test_ipp(state: int, reasons: tuple[str, ...], worst: State) -> None:
    answer = Answer(0, {"printer-state": (state,), "printer-state-reasons": reasons})
    assert status.from_ipp(answer).worst is worst


def test_ipp_without_a_state() -> None:
    assert status.from_ipp(Answer(0, {})).worst is State.UNKNOWN_ANSWER
    assert status.from_ipp(Answer(0x0400, {})).worst is State.UNKNOWN_ANSWER


def test_garbage_is_never_ready_by_accident_nor_an_exception() -> None:
    chance = random.Random(3)
    for _ in range(3000):
        junk = chance.randbytes(chance.randrange(0, 120))
        for read in (status.from_brother, status.from_zpl, status.from_epl):
            assert read(junk).states
        if not junk.startswith(b"\x80\x20\x42"):
            assert status.from_brother(junk).worst is State.UNKNOWN_ANSWER
