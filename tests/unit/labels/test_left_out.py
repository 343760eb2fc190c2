"""What a label has no room for: whole lines, the least important first, and never half a word."""

from __future__ import annotations

import datetime
import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.content import LabelContent, LabelState, words_of
from labels.drawing import Drawing
from labels.errors import LabelError
from labels.fit import SEPARATOR
from labels.font import writable
from labels.layout import layout
from labels.sizes import SIZES, TAPES
from labels.targets import TARGETS

STOCKS = {**SIZES, **TAPES}
# Every stock at every resolution that a printer of it has.
FORMATS = sorted(
    {
        (size, dpi)
        for target in TARGETS.values()
        for size in (TAPES if target.tape else SIZES)
        for dpi in target.dpis
    }
)
# The label of a real machine, with the longest names that machines and workshops have.
TITLES = (
    "Dell Latitude 7490",
    "Hewlett-Packard HP EliteBook 840 G3 Notebook PC (W1G23EA#ABF)",
    "Dynabook Satellite Pro C50-H-11B PYS33E-0CR02TFR",
    "LENOVO ThinkCentre M910q 10MUS0SH00 Tiny",
    "FUJITSU CLIENT COMPUTING LIMITED LIFEBOOK U7410",
    "Micro-Star International Co., Ltd. MS-7B86 B450-A PRO (MS-7B86)",
    "To be filled by O.E.M." * 3,
    "X" * 60,
    "",
)
INSIDES = (
    ("8 Go de mémoire · SSD 256 Go", "Intel Core i5-7300U"),
    ("64 Go de mémoire · SSD 2 To · HDD 12 To · HDD 12 To", "AMD Ryzen 5 PRO 4650U"),
    ("128 Go de mémoire · SSD 2 To", "AMD Ryzen Threadripper PRO 3945WX"),
    ("16 Go de mémoire", "Z" * 120),
    (),
)
SITES = ("Roubaix", "Association d'insertion par le réemploi informatique du Nord et du Hainaut")


def of(title: str, inside: tuple[str, ...], site: str, state: LabelState) -> LabelContent:
    return LabelContent(
        asset="RC26-004217-H",
        state=state,
        title=title,
        lines=inside,
        grade="B",
        erased_on=datetime.date(2026, 11, 28),
        erased_method="NIST Purge",
        site=site,
        qr_text="HTTPS://ETABLI.EXAMPLE/RC26-004217-H",
        all_functions_tested=True,
        data_removed=True,
    )


def shown(drawing: Drawing, field: str) -> list[str]:
    return [text.text for text in drawing.texts if text.field == field]


def _holds(content: LabelContent, drawing: Drawing) -> None:
    words = words_of(content)
    assert shown(drawing, "asset") == [drawing.asset == content.asset and content.asset]
    assert drawing.qr_text == content.qr_text and drawing.matrix.rows
    assert " ".join(shown(drawing, "state")) == words.state
    assert shown(drawing, "grade") == [words.grade]
    title = " ".join(shown(drawing, "title"))
    kept = title.removesuffix(" …").split(" ") if title else []
    assert kept == writable(words.title).split(" ")[: len(kept)], "a word of the title was cut"
    assert title.endswith(" …") == (0 < len(kept) < len(words.title.split(" ")))
    # Each line is whole, in the order of importance, and none stands whose elder was left out
    # unless that one is wider than any row.
    lines = [part for row in shown(drawing, "lines") for part in row.split(SEPARATOR)]
    given = [part for t in (*words.lines, words.site) if t for part in t.split(SEPARATOR)]
    rest = iter(map(writable, given))
    assert all(line in rest for line in lines), (lines, given)


@pytest.mark.long
@pytest.mark.parametrize(("stock", "dpi"), FORMATS)
def test_every_format_holds_whole_lines_only(stock: str, dpi: int) -> None:
    for title, inside, site, state in itertools.product(
        TITLES, INSIDES, SITES, (LabelState.REFURBISHED, LabelState.ERASED)
    ):
        content = of(title, inside, site, state)
        _holds(content, layout(content, STOCKS[stock], dpi))


@pytest.mark.long
@pytest.mark.parametrize(("stock", "dpi"), FORMATS)
def test_the_site_goes_first_and_the_erasure_last(stock: str, dpi: int) -> None:
    seen = []
    for title, inside, site in itertools.product(TITLES[:5], INSIDES[:2], SITES):
        content = of(title, inside, site, LabelState.REFURBISHED)
        said = " ".join(shown(layout(content, STOCKS[stock], dpi), "lines"))
        facts = [part for line in content.lines for part in line.split(SEPARATOR)]
        there = [text in said for text in ("Effacé le 28/11/2026 (NIST Purge)", *facts, site)]
        assert there == sorted(there, reverse=True), (title, said)
        seen.append(there)
    assert all(there[0] for there in seen), "the erasure is on every label"


def test_a_machine_with_everyday_names_loses_nothing_on_the_usual_label() -> None:
    content = of(TITLES[0], INSIDES[0], "Atelier de Roubaix", LabelState.REFURBISHED)
    drawing = layout(content, SIZES["62x29"], 300)
    said = " ".join(shown(drawing, "lines"))
    assert shown(drawing, "title") == [TITLES[0]]
    assert all(text in said for text in (*content.lines, content.site)), said


_WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40)
_NAMES = st.one_of(st.text(max_size=250), st.lists(_WORDS, max_size=12).map(" ".join))


@pytest.mark.long
@given(
    title=_NAMES,
    inside=st.lists(_NAMES, max_size=9),
    site=_NAMES,
    stock=st.sampled_from(FORMATS),
)
def test_whatever_makers_and_workshops_are_called(
    title: str, inside: list[str], site: str, stock: tuple[str, int]
) -> None:
    content = of(title, tuple(inside), site, LabelState.ERASED)
    try:
        drawing = layout(content, STOCKS[stock[0]], stock[1])
    except LabelError as refused:
        assert refused.code == "forbidden_words"
        return
    _holds(content, drawing)


def test_a_title_without_room_for_a_word_is_left_out_before_the_number() -> None:
    content = msgspec.structs.replace(
        of("X" * 180, (), "", LabelState.TO_TEST), erased_on=None, erased_method=""
    )
    drawing = layout(content, SIZES["50x25"], 203)
    assert shown(drawing, "title") == [] and shown(drawing, "asset") == ["RC26-004217-H"]
