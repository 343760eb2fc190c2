"""A fingerprint survives every way of writing it down, and a slip is told from another key."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench.records.errors import RecordsError
from bench.records.signed import fingerprint

PUBLIC = st.binary(min_size=32, max_size=32)
BETWEEN = st.sampled_from(["", " ", "-", " - ", "\u00a0", "\u2011", ".", "\n", "·", "\u200b", "/"])


def bare(public: bytes) -> str:
    return fingerprint.show(public).replace(" ", "")


def code(text: str) -> str:
    """What reading this raises."""
    with pytest.raises(RecordsError) as raised:
        fingerprint.read(text)
    return raised.value.code


@given(PUBLIC)
def test_what_is_shown_can_be_read_aloud(public: bytes) -> None:
    groups = fingerprint.show(public).split(" ")
    assert [len(group) for group in groups] == [5, 5, 5, 5, 5, 5, 2]
    assert set("".join(groups)) <= set(string.digits)
    spoken = fingerprint.read(fingerprint.show(public))
    assert spoken.names(public) and spoken.checked


@pytest.mark.long
@given(PUBLIC, st.data())
def test_it_is_read_however_it_was_written(public: bytes, data: st.DataObject) -> None:
    looks = {"0": "0Oo", "1": "1IilL|"}
    written = "".join(
        data.draw(st.sampled_from(looks.get(digit, digit))) + data.draw(BETWEEN)
        for digit in bare(public)
    )
    for text in (written, written.lower(), written.upper()):
        spoken = fingerprint.read(text)
        assert spoken.names(public) and spoken.checked


@given(PUBLIC)
def test_every_slip_of_one_digit_is_a_slip(public: bytes) -> None:
    shown = bare(public)
    for at, digit in itertools.product(range(len(shown)), string.digits):
        if shown[at] != digit:
            assert code(shown[:at] + digit + shown[at + 1 :]) == "fingerprint_miscopied"


@given(PUBLIC)
def test_any_two_digits_exchanged_are_a_slip(public: bytes) -> None:
    shown = bare(public)
    for one, other in itertools.combinations(range(len(shown)), 2):
        if shown[one] != shown[other]:
            slip = list(shown)
            slip[one], slip[other] = shown[other], shown[one]
            assert code("".join(slip)) == "fingerprint_miscopied"


@given(PUBLIC, st.data())
def test_a_digit_too_many_or_too_few_is_a_slip(public: bytes, data: st.DataObject) -> None:
    shown = bare(public)
    at = data.draw(st.integers(0, len(shown) - 1))
    assert code(shown[:at] + shown[at + 1 :]) == "fingerprint_length"
    assert code(shown[:at] + shown[at] + shown[at:]) == "fingerprint_length"


@given(PUBLIC, PUBLIC)
def test_another_key_is_another_key_and_no_slip(public: bytes, other: bytes) -> None:
    assume(public != other)
    spoken = fingerprint.read(fingerprint.show(other))
    assert not spoken.names(public)
    assert spoken.refusal().code == "fingerprint_wrong" and not spoken.refusal().values


@given(PUBLIC, PUBLIC)
def test_papers_of_before_are_read_and_say_what_they_cannot_tell(
    public: bytes, other: bytes
) -> None:
    """Six groups, without check digits: taken where they are right."""
    assume(public != other)
    before = fingerprint.unchecked(public)
    assert fingerprint.show(public).startswith(before + " ")
    spoken = fingerprint.read(before)
    assert spoken.names(public) and not spoken.checked and not spoken.names(other)
    assert spoken.refusal().code == "fingerprint_unchecked"


@given(st.text(max_size=200))
def test_anything_typed_is_read_or_said_to_be_a_slip(text: str) -> None:
    try:
        fingerprint.read(text)
    except RecordsError as error:
        assert error.code.startswith("fingerprint_")


def test_the_check_is_that_of_the_standard() -> None:
    """ISO 7064 MOD 97-10: the digits with their check leave 1, as an IBAN's do."""
    for byte in range(256):
        assert int(bare(bytes([byte]) * 32)) % 97 == 1


def test_a_key_is_shown_as_it_was_shown_before() -> None:
    """Papers and stores lie about with these six groups: the same key keeps them for ever."""
    shown = fingerprint.show(bytes(range(32)))
    assert shown == "57824 30609 48416 31998 21032 01472 61"


def test_what_is_typed_stands_in_the_groups_of_what_is_shown() -> None:
    shown = fingerprint.show(bytes(32))
    digits = shown.replace(" ", "")
    for length in range(len(digits) + 1):
        typed = fingerprint.grouped(digits[:length])
        assert shown.startswith(typed) and typed.replace(" ", "") == digits[:length]
    assert fingerprint.grouped(digits + "7") == shown
