"""One spelling: the fast encoder is RFC 8785, and nothing else is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from bench.exchange import contents
from bench.records.errors import RecordsError
from bench.records.signed import canonical, event, sealed
from bench.records.signed.keys import Key
from bench.records.sql.failing import _CODES
from bench.words.catalogue import area

names = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20)
texts = st.text(st.characters(exclude_categories=["Cs"]))
integers = st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
leaves = st.none() | st.booleans() | integers | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=15
)


@given(values)
def test_the_fast_encoder_spells_as_rfc_8785_does(value: Any) -> None:
    raw = canonical.dumps(value)
    assert raw == rfc8785.dumps(value) == msgspec.json.encode(value, order="sorted")
    assert canonical.loads(raw) == value


@given(st.binary(max_size=200) | texts.map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """No other exception, whatever the bytes."""
    for read in (
        canonical.loads,
        event.parse,
        contents.read_line,
        contents.read_manifest,
        lambda body: sealed.read(body, "receipt"),
    ):
        try:
            read(raw)
        except RecordsError:
            continue


@given(values, st.integers(0, 10**6))
def test_a_statement_with_a_changed_byte_is_refused(value: Any, place: int) -> None:
    key = Key(b"\1" * 32)
    raw = bytearray(sealed.sealed_bytes(key.seal("receipt", {"x": value})))
    assert sealed.read(bytes(raw), "receipt")[0] == {"x": value}
    raw[place % len(raw)] ^= 1 << place % 8
    try:
        sealed.read(bytes(raw), "receipt")
    except RecordsError:
        return
    raise AssertionError("a changed statement was read")


def test_every_refusal_has_a_sentence() -> None:
    bench = Path(event.__file__).parents[2]
    sources = [
        path for name in ("records", "exchange", "hub") for path in bench.glob(f"{name}/**/*.py")
    ]
    codes = {
        code
        for path in sources
        for code in re.findall(r'RecordsError\(\s*"([a-z_]+)"', path.read_text())
    } | set(_CODES.values())
    worded = {
        code for name in ("records", "exchange", "hub") for code in area("fr", name)["errors"]
    } | set(area("fr", "import")["stock"]["none"])
    assert codes - worded == set()
    findings = {
        code
        for code in re.findall(r'Finding\("([a-z_]+)"', (bench / "records/audit.py").read_text())
    }
    assert findings - set(area("fr", "records")["finding"]) == set()
