"""Asset identifiers: check character, what people type, what is offered."""

import pytest

from labels.identifier import Identifier, Wrong, check_character, make, normalise, parse

GOOD = "RC26-004217-H"


def test_check_character_agrees_with_a_published_one() -> None:
    # IFPI GRid standard, its own example A1-2425G-ABC1234002-M, uses MOD 37,36.
    assert check_character("A12425GABC1234002") == "M"


def test_make_and_print() -> None:
    identifier = make("R", "C", 2026, 4217)
    assert str(identifier) == GOOD
    assert identifier.compact == "RC26004217H"
    assert parse(GOOD) == identifier


@pytest.mark.parametrize(
    "typed",
    [
        "rc26-004217-h",
        "RC26004217H",
        "  rc26 004217 h ",
        "RC26–004217—H",
        "RC 26.004217_H",
        "RCé--àà'é&è-H",  # a person without Shift on a French keyboard
        "RCé-)àà'é&è)H",  # a US-set scanner on a French keyboard
        "RC@^6))$@!&6H",  # a French scanner on a US keyboard
    ],
)
def test_what_people_and_scanners_type(typed: str) -> None:
    assert parse(typed) == make("R", "C", 26, 4217)


def test_letters_exchanged_by_the_keyboard_are_put_right() -> None:
    identifier = make("AZ", "M", 26, 31)
    scanned = str(identifier).translate(str.maketrans("AQZWM1234567890-", "QAWZ?&é\"'(-è_çà)"))
    assert parse(scanned) == identifier


@pytest.mark.parametrize("prefix", ["R", "ABCD"])
@pytest.mark.parametrize("number", [1, 999_999])
def test_ends_of_the_ranges(prefix: str, number: int) -> None:
    identifier = make(prefix, "D", 0, number)
    assert parse(str(identifier)) == identifier


@pytest.mark.parametrize(
    "parts", [("", "C", 26, 1), ("ABCDE", "C", 26, 1), ("r", "C", 26, 1), ("R", "C", 26, 0)]
)
def test_make_refuses_parts_out_of_range(parts: tuple[str, str, int, int]) -> None:
    with pytest.raises(ValueError, match="not an identifier"):
        make(*parts)


def test_wrong_check_character_is_refused_with_the_right_one_offered() -> None:
    wrong = parse("RC26-004217-7")
    assert isinstance(wrong, Wrong)
    assert wrong.code == "check"
    assert wrong.suggestions[0] == GOOD


def test_a_swap_is_refused_and_put_right_in_the_offer() -> None:
    wrong = parse("RC26-002417-H")
    assert isinstance(wrong, Wrong)
    assert GOOD in wrong.suggestions


def test_a_letter_for_a_digit_is_offered_as_the_digit() -> None:
    wrong = parse("RC26-O04217-H")
    assert isinstance(wrong, Wrong)
    assert (wrong.code, wrong.suggestions) == ("shape", (GOOD,))


def test_what_is_in_the_record_is_offered_first() -> None:
    swapped = parse("RC26-004271-H")
    assert isinstance(swapped, Wrong)
    last = swapped.suggestions[-1]
    again = parse("RC26-004271-H", exists=lambda identifier: identifier == last)
    assert isinstance(again, Wrong)
    assert again.suggestions[0] == last


def test_a_missing_check_character_is_said_so() -> None:
    wrong = parse("RC26-004217")
    assert isinstance(wrong, Wrong)
    assert (wrong.code, wrong.suggestions) == ("missing_check", (GOOD,))


@pytest.mark.parametrize(
    "junk", ["", " ", "x", "RC26", "é" * 5000, "\x00\ud800", "RC26-000000-4", "-" * 60, "&" * 64]
)
def test_junk_is_a_value_not_an_exception(junk: str) -> None:
    assert isinstance(parse(junk), Wrong)


def test_number_zero_is_no_identifier() -> None:
    text = "RC26000000" + check_character("RC26000000")
    assert isinstance(parse(text), Wrong)


def test_normalise() -> None:
    assert normalise(" rc26-004217‑h\n") == "RC26004217H"


def test_order_follows_the_number() -> None:
    assert make("R", "C", 26, 2) < make("R", "C", 26, 10)
    assert isinstance(parse("RC26-004217-H"), Identifier)
