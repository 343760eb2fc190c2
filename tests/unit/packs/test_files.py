"""What may be in a pack's file, and what never: read strictly, refused in one sentence."""

from __future__ import annotations

import io
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bench.errors.sentence import as_failure, sentence
from bench.grading import rules as grading_rules
from bench.grading.engine import grade
from bench.grading.rules import standard_rules
from bench.packs import files, quirks, rules
from bench.records.errors import RecordsError
from tests.properties.test_grading import FACTS

OURS = Path(grading_rules.__file__).with_name("rules.toml").read_text("utf-8")
QUIRK = '[[quirk]]\nmaker = "dell*"\nmodel = "Latitude E7*"\ntext = "Charnières fragiles."\n'


def png(side: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (side, 8)).save(file, "PNG")
    return file.getvalue()


PNG = png(8)
BAD = [
    ("grading", b"", "pack_empty"),
    ("sheet", b"", "pack_empty"),
    ("film", b"x", "pack_kind"),
    ("grading", b"x" * (files.MOST_TEXT + 1), "pack_too_big"),
    ("poster", b"%PDF-" + b"x" * files.MOST_BYTES, "pack_too_big"),
    ("sheet", b"<script>\x00", "pack_form"),
    ("sheet", "\u202egnp.x".encode(), "pack_letter"),
    ("sheet", b"a\x1b[2J", "pack_letter"),
    ("sheet", "Nettoyer à l'alcool".encode("latin-1"), "pack_text"),
    ("sheet", b"\xff\xd8\xff\xe0\x00\x10JFIF", "pack_form"),
    ("poster", PNG[:8], "pack_picture"),
    ("poster", PNG[:-9], "pack_picture"),
    ("poster", PNG.replace(b"IDAT", b"IDAU"), "pack_picture"),
    ("poster", PNG[:16] + b"\0\1\0\0" * 2 + PNG[24:], "pack_picture"),
    ("quirks", ("# \u202e\n" + QUIRK).encode(), "pack_letter"),
    ("quirks", QUIRK.encode("latin-1"), "pack_text"),
    ("grading", (OURS + "\x1b").encode(), "pack_letter"),
    ("sheet", b"PK\x03\x04", "pack_form"),
    ("sheet", b"\x7fELF", "pack_form"),
    ("poster", b"a" * (files.MOST_TEXT + 1), "pack_form"),
    ("quirks", b"%PDF-1.4", "pack_quirks"),
    ("quirks", b"a = " + b"[" * 20_000, "pack_quirks"),
    ("quirks", b"quirk = []", "pack_quirks"),
    ("quirks", (QUIRK + "more = 1").encode(), "pack_quirks"),
    ("quirks", QUIRK.replace("Latitude E7*", "*").encode(), "pack_quirks"),
    ("quirks", QUIRK.replace("Latitude E7*", "** a *b").encode(), "pack_quirks"),
    ("quirks", QUIRK.replace("fragiles", "fra\\u001b[2Jgiles").encode(), "pack_letter_in"),
    ("quirks", QUIRK.replace("fragiles", "fra\\u202egiles").encode(), "pack_letter_in"),
    ("quirks", QUIRK.replace("fragiles", "f" * 200).encode(), "pack_quirks"),
    ("quirks", (QUIRK * (quirks.MOST + 1)).encode(), "pack_quirks"),
    ("grading", b"\xff\xfe", "pack_text"),
    ("grading", b"version = 3", "pack_rules"),
    ("grading", b"a = " + b"[" * 20_000, "pack_rules"),
]
LOOSE = [  # what a pack may not say, and where it is found
    ('C0 = "D"', 'C0 = "C"', "cosmetic.C0"),
    ('unknown_cap = "D"\nremedy = "ask_donor', 'unknown_cap = "A"\nremedy = "ask_donor',
     "locks.autopilot"),
    ("ask_absolute", "ask_nobody", "locks.absolute.remedy"),
    ("battery = true", "battery = false", "kinds.laptop"),
    ("screen = true", "screen = false", "kinds.laptop"),
    ('"lid", ', "", "kinds.laptop"),
    ('key = ["keyboard", "screen", "pointer", "usb"]', 'key = ["keyboard"]', "kinds.laptop"),
    ('"lid", ', '"lid", "soul", ', "kinds.laptop"),
    ('watch_cap = "B"', 'watch_cap = "A"', "watch_cap"),
    ('disk_unknown_cap = "C"', 'disk_unknown_cap = "B"', "disk_unknown_cap"),
    ('untested_cap = "C"', 'untested_cap = "A"', "untested_cap"),
    ('pixels_unknown_cap = "C"', 'pixels_unknown_cap = "B"', "pixels_unknown_cap"),
    ('vm = "desktop"', 'vm = "stick"', "aliases"),
    ('vm = "desktop"', 'laptop = "stick"', "aliases"),
    ('school = ["camera", "wifi"]', 'school = ["wifi"]', "proven.school"),
    ('school = ["camera", "wifi"]', "", "proven.school"),
    ('C6 = "A"', 'C6 = "A"\nC7 = "A"', "cosmetic"),
]  # fmt: skip
UNFIT = [
    ("at_least = 70", "at_least = 90"),
    ("at_least = 85", "at_least = 0"),
    ("at_least = 85", "at_most = 85"),
    ("at_most = 5", "at_most = 1"),
    ('watch_cap = "B"', 'watch_cap = "Z"'),
    ('C6 = "A"', 'C6 = ""'),
    ('letter = "B"\nat_least', 'letter = "A"\nat_least'),
    ("[proven]", "[nothing_of_ours]"),
]


@pytest.mark.parametrize("kind, content, code", BAD)
def test_what_is_refused_has_its_sentence(kind: str, content: bytes, code: str) -> None:
    with pytest.raises(RecordsError, match=f"^{code}") as caught:
        files.form_of(kind, content)
    assert caught.value.code == code
    failure = as_failure(caught.value)
    assert failure is not None and failure.code == f"records.errors.{code}"
    assert "{" not in sentence(failure) and "\x1b" not in sentence(failure)


@pytest.mark.parametrize("old, new, where", LOOSE)
def test_rules_that_ask_less_are_refused(old: str, new: str, where: str) -> None:
    assert old in OURS
    with pytest.raises(RecordsError, match="pack_rules_loose") as caught:
        rules.read(OURS.replace(old, new, 1).encode())
    assert caught.value.values["where"] == where


@pytest.mark.parametrize("old, new", UNFIT)
def test_rules_the_engine_could_not_use_are_refused(old: str, new: str) -> None:
    assert old in OURS
    with pytest.raises(RecordsError) as caught:
        rules.read(OURS.replace(old, new, 1).encode())
    assert caught.value.code == "pack_rules"


def test_what_is_taken() -> None:
    assert files.form_of("grading", OURS.encode()) == "toml"
    assert files.form_of("quirks", QUIRK.encode()) == "toml"
    assert files.form_of("poster", PNG) == "png"
    assert files.form_of("sheet", b"%PDF-1.7\n") == "pdf"
    assert files.form_of("sheet", "Nettoyer à l'alcool.\r\n".encode()) == "txt"
    assert rules.read(OURS.encode()) == standard_rules()


@pytest.mark.parametrize(
    "version", ["", " ", "n" * 65, "r\\u202e1", "a\\nb", standard_rules().version.upper()]
)
def test_rules_carry_a_short_name_that_is_not_ours(version: str) -> None:
    changed = OURS.replace("at_least = 85", "at_least = 90")
    assert rules.read(changed.replace(standard_rules().version, "n" * 64).encode())
    for wrong in (changed, changed.replace(standard_rules().version, version)):
        with pytest.raises(RecordsError, match="pack_rules_version") as caught:
            files.form_of("grading", wrong.encode())
        failure = as_failure(caught.value)
        assert failure is not None and "64" in sentence(failure)


@pytest.mark.parametrize(
    "kind, content, told",
    [
        ("quirks", QUIRK + "a b\n", "ligne 5, colonne 3"),
        ("quirks", "a = " + "[" * 20_000, "trop de parenthèses"),
        ("quirks", QUIRK + "more = 1\n", "« quirk[0].more » n'est pas connu"),
        ("quirks", QUIRK + '"\\u001b[2J" = 1\n', "\ufffd[2J » n'est pas connu"),
        ("quirks", QUIRK + QUIRK.replace("Latitude E7*", "*"), "« quirk 2, model »"),
        ("quirks", QUIRK.replace("fragiles", "fra\\u202egiles"), "« quirk 1, text » (U+202E)"),
        ("grading", "version = 3", "la valeur de « version » ne va pas"),
        ("grading", OURS.replace('watch_cap = "B"', 'watch_cap = "Z"'), "« watch_cap »"),
        ("sheet", "un\ndeux\u202e", "(U+202E, ligne 2)"),
    ],
)
def test_what_is_wrong_is_said_in_french_with_its_place(kind: str, content: str, told: str) -> None:
    with pytest.raises(RecordsError) as caught:
        files.form_of(kind, content.encode())
    failure = as_failure(caught.value)
    assert failure is not None and told in sentence(failure)


def test_the_mark_of_an_editor_and_no_break_spaces_are_taken() -> None:
    mark = "\ufeff".encode()
    assert files.form_of("grading", mark + OURS.encode()) == "toml"
    assert files.form_of("quirks", mark + QUIRK.replace("s f", "s\u202ff").encode()) == "toml"
    assert files.form_of("sheet", mark + "Nettoyer\u00a0: alcool".encode()) == "txt"


def test_patterns() -> None:
    def fits(pattern: str, model: str, maker: str = "") -> bool:
        return quirks.Quirk(model=pattern, text="x", maker=maker).fits("Dell Inc.", model)

    assert fits("Latitude E7*", "latitude e7450") and fits("latitude e7450", "Latitude E7450 ")
    assert fits("*E7*50*", "Latitude E7450") and fits("dell inc. latitude*", "Latitude E7450")
    assert fits("Latitude*", "Latitude E7450", "dell*")
    assert not fits("Latitude*", "Latitude E7450", "lenovo")
    assert not fits("Latitude E7", "Latitude E7450") and not fits("ab*ba", "aba")
    assert not fits("Lat.tude", "Latitude") and not fits("Lat[i]tude", "Latitude")
    assert not quirks.Quirk(model="Latitude*", text="x").fits("", "")


@given(st.text(string.printable, max_size=300) | st.binary(max_size=300))
def test_nothing_breaks_a_reader(raw: str | bytes) -> None:
    content = raw.encode() if isinstance(raw, str) else raw
    for kind in files.KINDS:
        try:
            files.form_of(kind, content)
        except RecordsError as error:
            assert error.code.startswith("pack_")


LINES = OURS.replace(standard_rules().version, "reseau-2026").splitlines()


@pytest.mark.long
@given(
    FACTS,
    st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(LINES)), max_size=4),
    st.sampled_from("ABCDZ"),
    st.integers(-5, 200),
)
def test_mutated_rules_are_refused_or_never_better_on_what_is_unknown(
    facts: object, moved: list[tuple[int, str]], letter: str, figure: int
) -> None:
    """Lines of the file in the place of others, letters and figures changed: what passes grades
    no machine better where something is not known, not tested, not erased."""
    lines = list(LINES)
    for at, other in moved:
        lines[at] = other if letter != "Z" else lines[at].replace("85", str(figure))
    try:
        found = rules.read("\n".join(lines).replace('= "C"', f'= "{letter}"', 1).encode())
    except RecordsError as error:
        assert error.code in ("pack_rules", "pack_rules_loose")
        return
    ours, theirs = grade(facts, standard_rules()), grade(facts, found)  # type: ignore[arg-type]
    assert set(ours.missing) <= set(theirs.missing)
    untold = {reason for reason in ours.why_not if reason.code != "grade_d"}
    assert untold <= set(theirs.why_not)
    for finding in ours.findings:
        if finding.column in ("lock", "erasure", "disk"):
            assert any(
                each.rule == finding.rule and each.cap >= finding.cap for each in theirs.findings
            )
