"""Any split of the keystrokes gives the same scans, and a scan's Enter never gets out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.guide.scan import (
    ENTER,
    GAP_S,
    MIN_LENGTH,
    Burst,
    Scan,
    Typed,
    matches,
    pause,
    press,
    repair,
)

CODE = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=MIN_LENGTH, max_size=24)
FR = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-",
        "QBCDEFGHIJKL?NOPARSTUVZXYW" + "à&é\"'(-è_ç" + ")",
        strict=True,
    )
)


def run(keys: list[tuple[Typed, float]]) -> list[Scan | Typed]:
    burst = Burst()
    out: list[Scan | Typed] = []
    at = 0.0
    for key, at in keys:
        burst, some = press(burst, key, at)
        out += some
    burst, some = pause(burst, at + 2 * GAP_S)
    assert not burst.waiting
    return out + list(some)


def keys_of(code: str) -> list[Typed]:
    return [*(Typed(one, one) for one in code), Typed(ENTER, "\r")]


@given(st.lists(CODE, min_size=1, max_size=4), st.data())
def test_any_split_gives_the_same_scans(codes: list[str], data: st.DataObject) -> None:
    keys = [key for code in codes for key in keys_of(code)]
    delays = data.draw(
        st.lists(
            st.sampled_from((0.0, 0.0, 0.001, GAP_S * 0.9)),
            min_size=len(keys),
            max_size=len(keys),
        )
    )
    at, timed = 0.0, []
    for key, delay in zip(keys, delays, strict=True):
        at += delay
        timed.append((key, at))
    assert run(timed) == [Scan(repair(code), code) for code in codes]


@given(st.lists(st.sampled_from([*"AZ19é-", ENTER, "up", "f8", "space"]), max_size=40), st.data())
def test_every_key_comes_out_once_and_in_order(names: list[str], data: st.DataObject) -> None:
    typed = [
        Typed(name, name if len(name) == 1 else {ENTER: "\r", "space": " "}.get(name))
        for name in names
    ]
    at, timed = 0.0, []
    for key in typed:
        at += data.draw(st.sampled_from((0.0, 0.005, 0.08)))
        timed.append((key, at))
    flat = ""
    for one in run(timed):
        flat += one.raw + "|" if isinstance(one, Scan) else one.character or one.key
    wanted = "".join(key.character or key.key for key in typed)
    assert flat.replace("|", "").replace("\r", "") == wanted.replace("\r", "")


@given(st.lists(st.sampled_from([*"AZ19é-", ENTER]), max_size=30))
def test_a_person_typing_is_never_a_scan(names: list[str]) -> None:
    keys = [Typed(name, name if len(name) == 1 else "\r") for name in names]
    out = run([(key, index * 0.06) for index, key in enumerate(keys)])
    assert out == keys


@given(CODE.filter(lambda code: any(one in "12345790" for one in code)))
def test_an_american_scanner_on_a_french_keymap_is_repaired(code: str) -> None:
    seen = "".join(FR[one] for one in code)
    if set(seen) & set("éèçà\"'_"):
        assert repair(seen) == code
    assert matches(seen, code) or not set(seen) & set("éèçà\"'_")


@given(st.text(max_size=30), st.text(max_size=6))
def test_nothing_matches_an_empty_wish_and_nothing_raises(text: str, wanted: str) -> None:
    repair(text)
    assert not matches(text, "")
    assert matches(wanted, wanted) or not wanted or wanted != wanted.strip()
