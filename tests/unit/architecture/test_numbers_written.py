"""A machine's number that a document or a sentence shows is one this program gives out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from labels import blocks, identifier
from tests.unit.architecture.test_words import ROOT

WRITTEN = re.compile(r"\b[A-Z]{2,5}[0-9]{2}-[0-9]{6}-[0-9A-Z]\b")
PLACES = ("README.md", "docs/*.md", "bench/words/*/*.toml")
PAGES = [path for place in PLACES for path in sorted(ROOT.glob(place))]


def numbers(path: Path) -> Iterator[str]:
    yield from WRITTEN.findall(path.read_text("utf-8"))


def settings_example() -> tuple[str, int]:
    """The prefix and bench that the supervisors' handbook shows in `settings.toml`."""
    text = (ROOT / "docs/encadrant.md").read_text("utf-8")
    prefix = re.search(r'^prefix = "([A-Z]+)"', text, re.MULTILINE)
    bench = re.search(r"^bench = (\d+)", text, re.MULTILINE)
    assert prefix and bench
    return prefix[1], int(bench[1])


def test_numbers_are_found() -> None:
    assert sum(len(list(numbers(path))) for path in PAGES) > 10


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_number_that_is_shown_is_right_and_of_the_example(path: Path) -> None:
    prefix, bench = settings_example()
    block = blocks.for_bench(prefix, 26, bench)
    for text in numbers(path):
        found = identifier.parse(text)
        assert isinstance(found, identifier.Identifier) and str(found) == text, text
        if identifier.is_demo(text):
            continue
        assert found.kind in identifier.KINDS and found.prefix == prefix, text
        assert block.start <= found.number < block.end, text
