"""Scanners and consoles of different keymaps: each pair that is said to be proven, proven."""

from __future__ import annotations

import random

import pytest

from bench.guide.scan import layouts, readings, repair
from labels import keymaps
from labels.identifier import Identifier, make, parse

DRAW = random.Random(26)
CODES = [
    make(prefix, kind, 26, DRAW.randint(1, 999_999))
    for prefix in ("R", "AW", "ZM", "YAQM")
    for kind in "CDEL"
] + [make("R", "C", 26, 666_666), make("QZ", "D", 68, 868_686)]
ACTION = "OUI-26"


@pytest.mark.long
@pytest.mark.parametrize("console", keymaps.names())
def test_a_scanner_as_it_was_bought_reads_on_every_console(console: str) -> None:
    both_ways(keymaps.USUAL, console)


@pytest.mark.long
@pytest.mark.parametrize("scanner", keymaps.names())
def test_every_scanner_reads_on_a_console_nobody_set(scanner: str) -> None:
    both_ways(scanner, keymaps.USUAL)


@pytest.mark.parametrize("name", keymaps.names())
def test_a_scanner_set_to_the_console_reads(name: str) -> None:
    both_ways(name, name)


def both_ways(scanner: str, console: str) -> None:
    """Straight, and as the screens hand it on; in capitals and in small letters."""
    for code in CODES:
        for text in (str(code), str(code).lower()):
            shown = keymaps.typed(text, scanner, console)
            assert shown is not None
            assert parse(shown) == code, shown
            assert parse(repair(shown)) == code, shown


def test_the_belgian_six_is_a_six() -> None:
    assert keymaps.typed("RC26-004217-7", "us", "be") == "RCé§)àà'é&è)è"
    assert repair("RCé§)àà'é&è)è") == "RC26-004217-7"
    assert repair("RCé!)àà'é&è)è") == "RC28-004217-7"  # its eight is an exclamation mark
    assert repair("rcé§)àà'é&è)è".upper()) == "RC26-004217-7"  # Caps Lock
    assert readings("RCé§)àà'é&è)è")[1] == "RC26-004217-7"


@pytest.mark.parametrize("console", keymaps.names())
def test_a_signed_code_is_among_the_readings(console: str) -> None:
    """Of a paper's QR: its signature tells which reading is right."""
    code = "ETABLI1:MZXW6YTBOI234567ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    shown = keymaps.typed(code, keymaps.USUAL, console)
    assert shown is not None and code in layouts(shown)


@pytest.mark.parametrize(
    "text",
    ["AB+12", "AB.12/7", "HTTPS://E.EXAMPLE/A", "RC26-004217-H", "QBCD", "12345678", "SN: 4711"],
)
def test_what_is_whole_already_is_left_as_it_is(text: str) -> None:
    assert repair(text) == text


def test_a_text_of_no_keymap_stays_and_is_refused() -> None:
    assert repair("日本26") == "日本26"
    assert not isinstance(parse("RC26é日004217"), Identifier)


def test_every_keymap_names_every_key_once() -> None:
    for name in keymaps.names():
        assert keymaps.typed("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", name, name) is not None
