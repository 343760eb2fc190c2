"""Scanner bursts and repaired layouts, on the cases met on real benches."""

from __future__ import annotations

import pytest

from bench.guide.scan import Burst, Scan, Typed, digit, matches, pause, press, readings, repair


def burst(text: str) -> tuple[Burst, list[Scan | Typed]]:
    burst, out = Burst(), list[Scan | Typed]()
    for one in text:
        key = Typed("enter", "\r") if one == "\n" else Typed(one, one)
        burst, some = press(burst, key, 0.0)
        out += some
    return burst, out


def test_two_scans_in_one_read_are_two_scans() -> None:
    state, out = burst("A1B2\nC3D4\n")
    assert out == [Scan("A1B2", "A1B2"), Scan("C3D4", "C3D4")] and not state.waiting


def test_a_short_burst_is_typing_and_its_enter_gets_through() -> None:
    _, out = burst("12\n")
    assert [one.key for one in out if isinstance(one, Typed)] == ["1", "2", "enter"]


def test_a_scan_without_enter_comes_out_after_the_pause() -> None:
    state, out = burst("RC26-000001-X")
    assert out == [] and state.waiting
    assert pause(state, 0.01) == (state, ())
    assert pause(state, 0.1) == (
        Burst(),
        (Scan("RC26-000001-X", "RC26-000001-X", ended=False),),
    )


def test_arrows_and_space_are_never_held_back() -> None:
    _, out = press(Burst(), Typed("down", None), 0.0)
    assert out == (Typed("down", None),)
    _, out = press(Burst(), Typed("space", " "), 0.0)
    assert out == (Typed("space", " "),)


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("RC26-004217-7", "RC26-004217-7"),
        ("RCé-)àà'é&è)è", "RC26-004217-7"),  # American scanner, French keymap
        ("rcé-)àà'é&è)è", "RC26-004217-7"),
        ("QZ&é\"'", "AW1234"),
        ("RC@^6))$@!&6&", "RC26-004217-7"),  # French scanner, American keymap
        ("QBCD", "QBCD"),  # letters alone tell nothing
        ("?&éàé", "M1202"),
    ],
)
def test_repair(seen: str, meant: str) -> None:
    assert repair(seen) == meant


def test_unshifted_french_digits_choose() -> None:
    assert [digit(one) for one in "&é\"'(-è_çà"] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert digit("7") == 7
    assert [digit(one) for one in ("a", "", None, "12", "²")] == [None] * 5


def test_matching_ignores_case_and_shift() -> None:
    assert matches("8f3k", "8F3K") and matches('_f"k', "8F3K")
    assert not matches("8f3", "8F3K") and not matches("", "")
    assert readings("ab12")[0] == "AB12"
