"""The method in the reader's words, the standard's in brackets; the level where it is reached."""

from __future__ import annotations

import msgspec
import pytest

from bench.casefile.erasure import AttestedDisk
from bench.documents.method import method_text
from bench.words.catalogue import LANGUAGES, choose, find
from tests.unit.documents.papers import CLEARED, CUT, GOOD
from wipe.decide.plan import PASS_LISTS
from wipe.model.spec import Method
from wipe.model.techniques import NAMES, overwrite_name, read_name


def of(technique: str, claim: str = "clear") -> AttestedDisk:
    return msgspec.structs.replace(CLEARED, technique=technique, claim=claim)


@pytest.mark.parametrize(
    ("disk", "text"),
    [
        (CLEARED, "Réécriture aléatoire (NIST Clear, overwrite)"),
        (GOOD, "Effacement de tous les blocs (NIST Purge, BLOCK ERASE EXT)"),
        (of("Overwrite: zeros"), "Réécriture par des zéros (NIST Clear, overwrite)"),
        (
            of("Overwrite: zeros, ones, random"),
            "Réécriture en 3 passes : par des zéros, par des uns, aléatoire"
            " (NIST Clear, overwrite)",
        ),
        (
            of("SECURITY ERASE UNIT (enhanced)"),
            "Effacement renforcé par le disque (NIST Clear, SECURITY ERASE UNIT, enhanced)",
        ),
        (
            of("BLOCK ERASE EXT", "failed"),
            "Effacement de tous les blocs (BLOCK ERASE EXT)",
        ),
        (of("", "none"), "rien"),
        (of("nwipe PRNG Stream"), "nwipe PRNG Stream (NIST Clear)"),  # nobody's words are guessed
        (of("Overwrite: twice", "interrupted"), "Overwrite: twice"),
    ],
)
def test_as_a_paper_says_it(disk: AttestedDisk, text: str) -> None:
    assert method_text(disk) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", [method for method in Method if method is not Method.OVERWRITE])
def test_every_technique_has_words_and_its_standard_term(method: Method, language: str) -> None:
    choose(language)
    try:
        assert find(f"documents.method.{method.value}", language) is not None
        text = method_text(of(NAMES[method], "purge"))
        words, bracket, term = text.partition(" (NIST Purge, ")
        assert words and bracket and term.endswith(")") and term.count(")") == 1, text
    finally:
        choose(None)


def test_each_name_is_read_back() -> None:
    assert len(set(NAMES.values())) == len(NAMES) == len(Method) - 1
    assert all(read_name(name) == (method, ()) for method, name in NAMES.items())
    for passes in PASS_LISTS.values():
        name = overwrite_name(passes)
        assert read_name(name) == (Method.OVERWRITE, tuple(name.split(": ")[1].split(", ")))


def test_no_level_stands_beside_a_disk_that_is_not_erased() -> None:
    for technique in (*NAMES.values(), "Overwrite: random"):
        assert "NIST" not in method_text(msgspec.structs.replace(CUT, technique=technique))
