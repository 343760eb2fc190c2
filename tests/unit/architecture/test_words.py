"""Every sentence exists in both languages, with the same placeholders."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
WORDS = ROOT / "bench" / "words"
AREAS = sorted(path.stem for path in (WORDS / "fr").glob("*.toml"))


def sentences(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from sentences(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield f"{prefix}{key}.{number}", str(item)
        else:
            yield f"{prefix}{key}", str(value)


def catalogue(language: str, area: str) -> dict[str, str]:
    with (WORDS / language / f"{area}.toml").open("rb") as file:
        return dict(sentences(tomllib.load(file)))


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("area", AREAS)
def test_english_says_what_french_says(area: str) -> None:
    french, english = catalogue("fr", area), catalogue("en", area)
    assert french.keys() == english.keys()
    for key, sentence in french.items():
        assert placeholders(sentence) == placeholders(english[key]), key


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_sentence_is_empty(language: str, area: str) -> None:
    blank = {key for key, text in catalogue(language, area).items() if not text.strip()}
    assert blank <= {"tray.short.pending"}  # a disk nobody began: its cell says nothing


# docs/glossary.md: a lot is the donor's, an envoi (in English and in the code: a bag) travels.
@pytest.mark.parametrize(("french", "english"), [("lots?", "lots?"), ("envois?", "bags?")])
@pytest.mark.parametrize("area", AREAS)
def test_one_word_for_one_thing_in_both_languages(area: str, french: str, english: str) -> None:
    ours, theirs = catalogue("fr", area), catalogue("en", area)
    says = re.compile(rf"\b{french}\b", re.IGNORECASE)
    said = re.compile(rf"\b{english}\b", re.IGNORECASE)
    unlike = [key for key in ours if bool(says.search(ours[key])) != bool(said.search(theirs[key]))]
    assert not unlike


def test_a_label_is_recorded_as_printed_in_one_place() -> None:
    """A file is no label: "printed" is said of what a printer took, or a person saw come out."""
    said = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "bench").rglob("*.py"))
        if re.search(r"append\(\s*\"label\.printed\"", path.read_text("utf-8"))
    ]
    assert said == ["bench/labelling/printing.py"]


def test_sentences_are_filled_in_one_place() -> None:
    """What fills a sentence itself would write "{count:fiche|fiches}" or fail on it."""
    fills = re.compile(r"\.format\(\*\*|\.format_map\(|\b(?:text|sentence)\.format\(")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "bench").rglob("*.py"))
        if fills.search(path.read_text("utf-8"))
    ]
    assert found == ["bench/words/catalogue.py"]
