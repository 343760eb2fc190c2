"""Every code has a short sentence in both languages, and no sentence is left over."""

from __future__ import annotations

import re

import pytest

from bench.words.catalogue import area
from wipe.model.codes import Code, NextStep, Phase
from wipe.model.spec import Claim, Method

TABLES = {"reason": Code, "step": NextStep, "phase": Phase, "claim": Claim, "technique": Method}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("table", TABLES)
def test_codes_and_sentences_are_the_same_set(language: str, table: str) -> None:
    assert set(area(language, "wipe")[table]) == {str(one.value) for one in TABLES[table]}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_sentences_are_short(language: str) -> None:
    for table in TABLES:
        for code, sentence in area(language, "wipe")[table].items():
            said = re.sub(r"\{\w+:([^|}]*)\|[^}]*\}", r"\1", sentence)
            assert len(said.split()) <= 12, (code, sentence)
