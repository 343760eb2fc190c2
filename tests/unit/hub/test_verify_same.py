"""The browser's check and `etabli verify` give the same papers the same answer."""

from __future__ import annotations

import base64
import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page

from bench.__main__ import main
from bench.documents import shortcode
from bench.documents.signed import MAX_BYTES, sign
from bench.records.signed import keys
from labels import keymaps
from tests.properties.test_papers_mutated import enveloped, written
from tests.unit.documents.papers import CUT, GOOD, KEY, OTHER_KEY, attestation, machine
from tests.unit.hub import signed_papers
from tests.unit.hub import world as made
from tests.unit.hub.chromium import chromium, opened
from tests.unit.hub.signed_papers import Bed, code_of, vouched

pytestmark = pytest.mark.long
# What both tell. A name is not: the page has the workshop's, the command the bench's own.
TOLD = ("answer", "kind", "key", "trust", "fingerprint", "voice", "issued_at", "payload")


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Bed:
    return signed_papers.make(tmp_path_factory.mktemp("papers") / "data")


@pytest.fixture(scope="module")
def page(bed: Bed) -> Iterator[Page]:
    with (
        made.serving_pages(bed.world.site) as url,
        chromium() as browser,
        opened(browser, f"{url}/verifier") as page,
    ):
        page.wait_for_selector("form[data-ready]")
        page.context.set_offline(True)
        yield page


def by_command(bed: Bed, data: bytes) -> dict[str, Any]:
    path = bed.folder.parent / "paper"
    path.write_bytes(data)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(["verify", str(path), "--json", "--data", str(bed.folder)])
    told = json.loads(out.getvalue())
    return {name: told[name] for name in TOLD} | {
        "findings": [finding["code"] for finding in told["findings"]]
    }


BOTH = """async (papers) => {
  const { check } = await import(document.querySelector("script[type=module]").src);
  const found = {};
  for (const [name, paper] of Object.entries(papers)) {
    const told = await check(Uint8Array.from(atob(paper), (sign) => sign.charCodeAt(0)));
    found[name] = { ...told, findings: told.findings.map((finding) => finding.code) };
  }
  return JSON.stringify(found, (key, value) => typeof value === "bigint" ? Number(value) : value);
}"""


def by_page(page: Page, papers: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    told = page.evaluate(BOTH, {k: base64.b64encode(v).decode() for k, v in papers.items()})
    found = json.loads(told)
    return {
        name: {each: told[each] for each in (*TOLD, "findings")} for name, told in found.items()
    }


# Of bytes nobody signed the two may stop at another place: each says that the paper is broken.
BROKEN = {"unreadable", "not_canonical", "signature_wrong", "content_unreadable"}


def blurred(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"findings": ["broken" if c in BROKEN else c for c in told["findings"]]}


def compared(
    bed: Bed, page: Page, papers: Mapping[str, bytes], *, exactly: bool = True
) -> dict[str, str]:
    """The answers, which are the same, by the paper's name."""
    there = by_page(page, papers)
    for name, data in papers.items():
        here, told = by_command(bed, data), there[name]
        same = here == told if exactly else blurred(here) == blurred(told)
        assert same, (name, here, told, data[:3000])
    return {name: told["answer"] for name, told in there.items()}


def test_papers_and_codes_of_everybody(bed: Bed, page: Page) -> None:
    papers = {name: paper.json for name, paper in bed.papers.items()}
    codes = {f"code {name}": paper.code.encode() for name, paper in bed.papers.items()}
    answers = compared(bed, page, papers | codes)
    expected = {"stranger": "unknown", "bare": "unknown", "before": "unknown", "after": "bad"}
    assert {n: answers[n] for n in papers} == {n: expected.get(n, "known") for n in papers}
    # Of a bench of whose chain nothing came here a code tells no workshop.
    expected |= {"new": "unknown"}
    assert {n: answers[f"code {n}"] for n in papers} == {
        n: expected.get(n, "known") for n in papers
    }


@pytest.mark.parametrize("seed", range(3))
def test_mutants(bed: Bed, page: Page, seed: int) -> None:
    answers = compared(bed, page, signed_papers.mutants(bed, 200, seed), exactly=False)
    assert set(answers.values()) == {"known", "unknown", "bad"}


def content(**changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(msgspec.json.encode(attestation(machine(GOOD))))
    return told | changes


def disk(**changes: Any) -> dict[str, Any]:
    """An attestation of one disk that says otherwise."""
    told = content()
    told["machines"][0]["disks"][0] |= changes
    return told


PROVEN = {"verified": {"method": "full", "sectors": 9, "mismatches": 0}, "notes": []}
CONTENTS: dict[str, dict[str, Any]] = {
    "unwritten": disk(bad_sectors=1),
    "mismatches": disk(verified={"method": "full", "sectors": 9, "mismatches": 1}),
    "unverified": disk(verified=None, notes=[]),
    "no sectors": disk(verified={"method": "full", "sectors": 0, "mismatches": 0}, notes=[]),
    "places": disk(verified=None, notes=[{"code": "sample_changed", "values": {"places": 4}}]),
    "no places": disk(verified=None, notes=[{"code": "sample_changed", "values": {"places": "4"}}]),
    "hidden": disk(hidden_areas="left", **PROVEN),
    "no journal": disk(journal_hash="", **PROVEN),
    "doubt": disk(doubt="bridge", **PROVEN),
    "nameless": disk(serial=None, wwn="", **PROVEN),
    "only WWN": disk(serial="", **PROVEN),
    "image": disk(
        serial=None,
        wwn=None,
        verified=PROVEN["verified"],
        notes=[{"code": "image_file", "values": {}}],
    ),
    "claim": disk(claim="shredded" * 20),
    "method": disk(verified={"method": "é" * 60, "sectors": 1, "mismatches": 0}),
    "systems": disk(systems=["ab" * 32, ""]),
    "a system": disk(systems=["AB" * 32]),
    "a system and a line": disk(systems=["ab" * 32 + "\n"]),
    "17 systems": disk(systems=[""] * 17),
    "demo": content(number="DEMO-1"),
    "many left": content(
        machines=[msgspec.to_builtins(machine(CUT, number=at)) for at in range(600)]
    ),
    "no machines": content(machines=[]),
    "true for 1": disk(bad_sectors=True),
    "schema": content(schema="1"),
    "more": content(more={"__proto__": 1, "constructor": [], "toString": None}),
    "certificate": content(certificate={}),
    "no certificate": content(certificate=None),
    **{
        f"time {at}": content(issued_at=at)
        for at in (
            *("2026-11-23", "2026-11-23T09:05:00", "2026-W48-1T09:05:00Z", "20261123T090500Z"),
            *("2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "1900-02-29T00:00:00Z", ""),
            *("2000-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            *("2026-11-31T00:00:00Z", "2026-11-30T24:00:00Z", "2026-11-30T23:60:00Z"),
            *("2026-11-30T23:59:60Z", "2026-11-30T23:59:59.123456+23:59", "2026-00-01T00:00:00Z"),
            *("2026-11-30T23:59:59+24:00", "2026-11-30T23:59:59.1234567Z", "2026-01-01T00:00:00z"),
            *("2026-11-23 09:05:00Z", "2026-11-23T09:05:00Z\n", "２026-11-23T09:05:00Z"),
        )
    },
}  # fmt: skip


def test_what_an_attestation_says(bed: Bed, page: Page) -> None:
    papers = {name: enveloped("attestation", written(each), KEY) for name, each in CONTENTS.items()}
    answers = compared(bed, page, papers)
    assert {name for name, answer in answers.items() if answer == "known"} == {
        "places", "only WWN", "image", "systems", "demo", "many left", "no machines", "more",
        "time 2024-02-29T00:00:00Z", "time 2000-02-29T00:00:00Z", "time 0001-01-01T00:00:00Z",
        "time 2026-11-30T23:59:59.123456+23:59",
    }  # fmt: skip


RAW: dict[str, bytes] = {
    "minus nought": b'{"a":-0}',
    "float": b'{"a":1.0}',
    "exponent": b'{"a":1e2}',
    "large": b'{"a":9007199254740991}',
    "too large": b'{"a":9007199254740992}',
    "small": b'{"a":-9007199254740991}',
    "huge": b'{"a":%s}' % (b"9" * 400),
    "space": b'{"a": 1}',
    "space around": b' {"a":1}',
    "order": b'{"b":1,"a":1}',
    "twice": b'{"a":1,"a":1}',
    "slash": b'{"a":"\\/"}',
    "escape": b'{"a":"\\u00e9"}',
    "capital escape": b'{"a":"\\u001B"}',
    "control": b'{"a":"\\u001b\\b\\t\\n\\f\\r\\"\\\\"}',
    "raw control": b'{"a":"\x1b"}',
    "delete": b'{"a":"\x7f"}',
    "half": b'{"a":"\\ud800"}',
    "both halves": b'{"a":"\\ud83d\\ude00"}',
    "face": '{"a":"😀\u2028"}'.encode(),
    "surrogate bytes": b'{"a":"\xed\xa0\x80"}',
    "overlong": b'{"a":"\xc0\xaf"}',
    "latin": b'{"a":"\xe9"}',
    "mark": b"\xef\xbb\xbf{}",
    "name": '{"é":1}'.encode(),
    "no name": b'{"":1}',
    "long name": b'{"%s":1}' % (b"a" * 129),
    "proto": b'{"__proto__":{"number":"DEMO"}}',
    "deep": b'{"a":' + b"[" * 11 + b"]" * 11 + b"}",
    "too deep": b'{"a":' + b"[" * 12 + b"]" * 12 + b"}",
    "bottomless": b"[" * 50_000 + b"]" * 50_000,
    "list": b"[]",
    "text": b'"a"',
    "nothing": b"",
    "two": b"{}{}",
    "a field more": b'{},"payload":{}',
    "another type": b'{},"type":"x"',
    "empty": b"{}",
}


def test_spellings(bed: Bed, page: Page) -> None:
    """Well signed, of a kind nobody knows: the finding tells whether the content was readable."""
    papers = {name: enveloped("weird", raw, KEY) for name, raw in RAW.items()}
    there = by_page(page, papers)
    for name, paper in papers.items():
        assert blurred(there[name]) == blurred(by_command(bed, paper)), name
    readable = {name for name, told in there.items() if told["findings"] == ["kind_unknown"]}
    assert readable == {
        "large", "small", "control", "delete", "face", "proto", "deep", "empty",
    }  # fmt: skip


def envelopes(paper: bytes) -> dict[str, bytes]:
    told = json.loads(paper)

    def but(**changes: Any) -> bytes:
        return written({k: v for k, v in (told | changes).items() if v is not ...}) + b"\n"

    small = bytes(32)
    return {
        "whole": but(),
        "no line end": but()[:-1],
        "two line ends": but() + b"\n",
        "spaces": json.dumps(told).encode() + b"\n",
        "another field": but(note=""),
        "a field less": but(key_id=...),
        "format": but(format="etabli-signed-2"),
        "number for key": but(key=1),
        "null": but(signature=None),
        "capitals": but(key=told["key"].upper()),
        "blank in key": but(key=" " + told["key"]),
        "short key": but(key=told["key"][:-2]),
        "odd key": but(key=told["key"][:-1]),
        "no hex": but(key="zz" * 32),
        "key id": but(key_id="0" * 32),
        "fingerprint": but(fingerprint=told["fingerprint"][::-1]),
        "short signature": but(signature=told["signature"][:-2]),
        "type": but(type="application/vnd.etabli.sheet+json"),
        "bare type": but(type="attestation"),
        "twice in a type": but(type=told["type"] + "+json"),
        "small order": but(key=small.hex(), key_id=keys.key_id(small)),
        "signature + L": but(signature=_plus_order(told["signature"])),
        "list": b"[]\n",
        "nothing": b"",
        "too big": b" " * (MAX_BYTES + 1),
        "a zip's look": b"P" + but(),
    }


def _plus_order(signature: str) -> str:
    """The same signature with another spelling of its second half (RFC 8032 refuses it)."""
    raw = bytes.fromhex(signature)
    order = 2**252 + 27742317777372353535851937790883648493
    return (raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")).hex()


def test_envelopes(bed: Bed, page: Page) -> None:
    answers = compared(bed, page, envelopes(bed.papers["bench"].json))
    assert [name for name, answer in answers.items() if answer != "bad"] == ["whole"]


def certificates(bed: Bed) -> Iterator[tuple[str, dict[str, Any]]]:
    bench = keys.Key(b"\x22" * 32)
    good = vouched(KEY, bench, "Poste").certificate
    told = json.loads(good["body"])
    yield "good", good
    yield "stranger's", vouched(OTHER_KEY, bench, "Poste").certificate
    yield "of another bench", vouched(KEY, OTHER_KEY, "Poste").certificate
    yield "another kind", KEY.seal("revocation", told).plain()
    yield "kind changed", good | {"kind": "revocation"}
    yield "a field more", good | {"note": ""}
    yield "capitals", good | {"key": good["key"].upper()}
    yield "body changed", good | {"body": good["body"].replace("Poste", "Porte")}
    yield "spaces", sealed(KEY, json.dumps(told))
    yield "list", sealed(KEY, "[]")
    yield "no name", sealed(KEY, written({k: told[k] for k in ("bench", "key")}).decode())
    yield "name a number", KEY.seal("certificate", told | {"name": 1}).plain()
    yield "founding a number", KEY.seal("certificate", told | {"founding": 1}).plain()
    yield "founding", KEY.seal("certificate", told | {"founding": True}).plain()
    yield "key of another", KEY.seal("certificate", told | {"key": OTHER_KEY.public.hex()}).plain()
    yield "more told", KEY.seal("certificate", told | {"workshop_key": "00", "x": []}).plain()
    yield "number", good | {"signature": 1}


def sealed(key: keys.Key, body: str) -> dict[str, str]:
    signature = key.sign("certificate", body.encode()).hex()
    return {
        "kind": "certificate",
        "body": body,
        "key": key.public.hex(),
        "signature": signature,
    }


def test_certificates(bed: Bed, page: Page) -> None:
    bench = keys.Key(b"\x22" * 32)
    papers = {
        name: sign("attestation", content(certificate=each), bench)
        for name, each in certificates(bed)
    }
    answers = compared(bed, page, papers)
    assert {name for name, answer in answers.items() if answer == "known"} == {
        "good", "no name", "founding", "more told"
    }  # fmt: skip
    assert answers["stranger's"] == "unknown"


def packed(*row: Any) -> bytes:
    return msgspec.msgpack.encode(row)


ROW = ("sheet", "1", "2026", "A")
CODES: dict[str, Callable[[], bytes]] = {
    "four": lambda: packed(*ROW),
    "all": lambda: packed(*ROW, {"clear": 1}, [("S", "clear")], b"\1" * 32),
    "more": lambda: packed(*ROW, {}, [], bytes(32), {1: 2}, 1.5, None, [[["x"]]], b"x"),
    "three": lambda: packed(*ROW[:3]),
    "a map": lambda: packed(*ROW, [], [], bytes(32)),
    "float": lambda: packed(*ROW, {"a": 1.0}, [], bytes(32)),
    "true": lambda: packed(*ROW, {"a": True}, [], bytes(32)),
    "less than none": lambda: packed(*ROW, {"a": -1}, [], bytes(32)),
    "far less": lambda: packed(*ROW, {"a": -(2**63)}, [], bytes(32)),
    "very many": lambda: packed(*ROW, {"a": 2**53, "b": 70_000, "c": 300}, [], bytes(32)),
    "numbered": lambda: packed(*ROW, {1: 1}, [], bytes(32)),
    "proto": lambda: packed(*ROW, {"__proto__": 1}, [], bytes(32)),
    "twice": lambda: b"\x97" + packed(*ROW)[1:] + b"\x82\xa1a\xff\xa1a\x01\x90\xc4\x20" + bytes(32),
    "three of two": lambda: packed(*ROW, {}, [("a", "b", "c")], bytes(32)),
    "31": lambda: packed(*ROW, {}, [], bytes(31)),
    "text for bytes": lambda: packed(*ROW, {}, [], "x" * 32),
    "bytes for text": lambda: packed(b"sheet", *ROW[1:], {}, [], bytes(32)),
    "null": lambda: packed("sheet", None, "", "", {}, [], bytes(32)),
    "kind": lambda: packed("weird", "", "", "", {}, [], bytes(32)),
    "claim": lambda: packed("attestation", "", "", "", {"weird": 1}, [], bytes(32)),
    "named": lambda: packed("attestation", "", "", "", {"none": 2}, [("S", "failed")], bytes(32)),
    "demo": lambda: packed("sheet", "DEMO-1", "", "", {}, [], bytes(32)),
    "left": lambda: packed(*ROW, {"failed": 2, "clear": 1, "weird": 3}, [], bytes(32)),
    "trailing": lambda: packed(*ROW, {}, [], bytes(32)) + b"\xc0",
    "cut": lambda: packed(*ROW, {}, [], bytes(32))[:-1],
    "latin": lambda: packed(*ROW, {}, [], bytes(32)).replace(b"2026", b"20\xe96"),
    "extension": lambda: packed(*ROW, {}, [], msgspec.msgpack.Ext(1, b"x" * 32)),
    "extension after": lambda: packed(*ROW, {}, [], bytes(32), msgspec.msgpack.Ext(1, b"x")),
    "no row": lambda: msgspec.msgpack.encode({"kind": "sheet"}),
    "never used": lambda: b"\xc1",
    "a large promise": lambda: b"\xdd\xff\xff\xff\xff",
    "empty": lambda: b"",
}  # fmt: skip


def test_what_a_code_says(bed: Bed, page: Page) -> None:
    papers = {name: code_of(make()) for name, make in CODES.items()}
    answers = compared(bed, page, papers)
    assert {name for name, answer in answers.items() if answer == "known"} == {
        "all", "more", "very many", "proto", "twice", "named", "demo", "left", "extension after",
    }  # fmt: skip


def test_codes_as_they_come(bed: Bed, page: Page) -> None:
    """Pairs of keyboards, cases, blanks, what mails and scanners put in."""
    code = bed.papers["bench"].code
    papers = {
        "lower": code.lower().encode(),
        "aim": b"]Q1" + code.encode(),
        "too much before": b"12345678901234567" + code.encode(),
        "semicolon": code.replace(":", ";").encode(),
        "lines": "\r\n> ".join(code[at : at + 60] for at in range(0, len(code), 60)).encode(),
        "lines alone": "\r\n".join(code[at : at + 60] for at in range(0, len(code), 60)).encode(),
        "blanks": "\u00a0 \u200b".join(code).encode(),
        "utf-16": code.encode("utf-16"),
        "utf-16 be": b"\xfe\xff" + code.encode("utf-16-be"),
        "mark": code.encode("utf-8-sig"),
        "a zero": code.replace("A", "0", 1).encode(),
        "padding": code.encode() + b"=",
        "a sign more": code.encode() + b"A",
        "cut": code[:-1].encode(),
        "too long": (code + "A" * 5000).encode(),
        "only a name": b"ETABLI1:",
        "short": b"ETABLI1:AAAA",
    }
    names = keymaps.names()
    pairs = {(s, c) for s in names for c in names if "us" in (s, c)}
    for scanner, console in [*sorted(pairs), ("de", "fr"), ("fr", "be"), ("es", "it")]:
        shown = keymaps.typed(code, scanner, console)
        if shown is not None:
            papers[f"{scanner} on {console}"] = shown.encode()
    answers = compared(bed, page, papers)
    assert all(answers[name] == "known" for name in ("lower", "aim", "semicolon", "blanks", "mark"))
    assert sum(answer == "known" for answer in answers.values()) > 20


def test_only_shapes_that_can_be_said(bed: Bed) -> None:
    """Nothing of a content's type is left out on the way to the browser."""
    from bench.documents.shape import shape_of

    assert shape_of(shortcode.Essentials) == {
        "row": [
            *([[True, "str"]] * 4),
            [False, {"map": "int"}],
            [False, {"list": {"pair": ["str", "str"]}, "most": None}],
            [False, "bytes"],
        ]
    }
    for told in (float, dict[int, str], list[str], msgspec.Raw):
        with pytest.raises(TypeError):
            shape_of(msgspec.defstruct("Odd", [("field", told)]))


def test_the_page_itself(bed: Bed, page: Page, tmp_path: Path) -> None:
    """What is compared is what people see: the file chosen gives the article of that answer."""
    for name, word in {"bench": "known", "stranger": "unknown", "after": "bad"}.items():
        (tmp_path / f"{name}.json").write_bytes(bed.papers[name].json)
        page.set_input_files("#file", tmp_path / f"{name}.json")
        page.wait_for_selector(f"article.{word}")
