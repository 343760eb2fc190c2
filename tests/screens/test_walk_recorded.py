"""The walk from Bonjour to Fini shows what it showed: tests/references/walk, cell by cell."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from inspect import isabstract

import pytest

import bench.screens
from bench.screens.kit.page import Page
from tests.screens.cells import COLOURS, Line, differences, named, picture, read, written
from tests.screens.test_look import CLASSES, OVER, PAGES
from tests.screens.walk import FOLDER, LANGUAGES, VARIANTS, walk

RENEW = "ETABLI_UPDATE_REFERENCES=1 pytest -m long tests/screens/test_walk_recorded.py"
MOST_BYTES = 1_000_000
# Rooms of pages that no visit of a worker comes to.
OTHER_ROOMS = {
    "review": "a supervisor's day",
    "start": "before the first Bonjour, and the network",
    "training": "exercises",
}
# Pages of a visit that this one does not come to, by why it does not.
ELSEWHERE: dict[str, set[str]] = {
    "a disk that cannot be erased, failed, or is not there": {
        "erase.one_disk.NoDiskPage",
        "erase.thaw.ThawPage",
        "erase.trouble.FailedPage",
        "erase.trouble.GonePage",
        "erase.trouble.HiddenPage",
        "erase.trouble.InterruptedPage",
        "erase.trouble.RefusedPage",
        "erase.trouble.TakeOutPage",
        "steps.selftest.LongTestPage",
    },
    "a number or a machine that is not as it seems": {
        "steps.advice.AdvicePage",
        "steps.arrival.SuggestionPage",
        "steps.label_doubt.DoubtPage",
        "steps.returning.KeepNumberPage",
        "steps.returning.ReturningPage",
    },
    "somebody new, or one of many": {
        "people.AllowPage",
        "people.NamePage",
        "people.NamesPage",
        "people.UnknownPage",
    },
    "over before the tests look": {"asides.WaitPage"},
}
FIRST = VARIANTS[0]


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_walk_shows_what_it_showed(language: str) -> None:
    now = await walk(language)
    told = []
    for variant, shots in now.items():
        if os.environ.get("ETABLI_UPDATE_REFERENCES"):
            variant.path.write_text(written(shots), "utf-8")
        kept = read(variant.path.read_text("utf-8")) if variant.path.exists() else []
        told += [f"{variant.path.name}: {line}" for line in differences(kept, shots)]
    more = [f"and {len(told) - 20} more"] if len(told) > 20 else []
    assert not told, "\n".join([*told[:20], *more, f"As meant? {RENEW}"])


def of_a_visit() -> set[str]:
    """Every page there is but those of the other rooms."""
    for module in pkgutil.walk_packages(bench.screens.__path__, "bench.screens."):
        importlib.import_module(module.name)
    found, left = set(), [Page]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if not isabstract(kind) and kind.__module__.startswith("bench.screens."):
            found.add(named(kind))
    return {name for name in found if name.split(".")[0] not in OTHER_ROOMS}


def test_every_page_of_a_visit_is_walked_or_named_as_one_that_is_not() -> None:
    walked = {taken.page for taken in read(FIRST.path.read_text("utf-8"))}
    elsewhere = set[str]().union(*ELSEWHERE.values())
    assert not walked & elsewhere
    assert walked | elsewhere == of_a_visit()


def test_the_pages_of_the_other_gates_are_all_known_here() -> None:
    """What is looked at for fit and contrast is walked, or named as not of this walk."""
    here = {name.rsplit(".", 1)[-1] for name in of_a_visit()}
    theirs = {CLASSES.get(name, name) for name in (*PAGES, *OVER)}
    assert theirs - here == set()


def test_each_file_is_of_a_variant_and_all_are_small() -> None:
    files = set(FOLDER.iterdir())
    assert files == {variant.path for variant in VARIANTS}
    assert sum(path.stat().st_size for path in files) < MOST_BYTES


def test_what_is_kept_is_read_as_it_was_written() -> None:
    for variant in VARIANTS:
        text = variant.path.read_text("utf-8")
        assert written(read(text)) == text


def test_one_changed_cell_is_told_with_its_page_its_row_and_both_lines() -> None:
    kept = read(FIRST.path.read_text("utf-8"))
    at = next(at for at, taken in enumerate(kept) if taken.name == "Fini")
    page = kept[at]
    line = page.rows[3]
    for changed, was, now in (
        (line._replace(text=line.text.replace("fini", "finj")), "fini", "finj"),
        (line._replace(looks=line.looks.replace("bold", "")), "bold", "~"),
        (Line(), "fini", "now |"),
    ):
        assert changed != line
        other = [*kept[:at], page._replace(rows={**page.rows, 3: changed}), *kept[at + 1 :]]
        told = differences(kept, other)
        assert told and all(each.startswith("Fini, row 3:\n") for each in told)
        assert was in told[0] and now in told[0].splitlines()[-1]
    assert differences(kept, kept) == []
    assert differences(kept, kept[1:]) == ["Bonjour: no more"]
    assert "another order" in str(differences(kept, kept[::-1]))


def test_a_picture_has_every_glyph_and_ground_of_its_page() -> None:
    for taken in read(FIRST.path.read_text("utf-8")):
        drawn = picture(taken, FIRST.size)
        glyphs = sum(len(line.text.replace(" ", "")) for line in taken.rows.values())
        assert drawn.count("<text ") == glyphs
        looks = ", ".join(line.looks for line in taken.rows.values() if line.looks)
        grounds = {COLOURS[ground] for ground in re.findall(r"/([\w-]+)", looks)}
        assert all(f'fill="{ground}"' in drawn for ground in grounds)
