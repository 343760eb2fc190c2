"""Every code of the labels package has its sentence, in both languages."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

from labels import errors
from labels.printers.status import PrinterState
from labels.queue import JobState

WORDS = Path(__file__).parents[3] / "bench" / "words"
SOURCE = Path(errors.__file__)


def catalogue(language: str) -> dict[str, dict[str, str]]:
    with (WORDS / language / "label.toml").open("rb") as file:
        return tomllib.load(file)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_code_has_a_sentence(language: str) -> None:
    words = catalogue(language)
    assert set(words["error"]) == set(errors.ERRORS)
    assert set(words["status"]) == set(PrinterState)
    assert set(words["queue"]) == set(JobState)
    warnings = {"unknown_language", "no_permission", "dymo_550", "editor_lite", "device_missing"}
    assert set(words["printer"]) == warnings


def test_every_error_raised_is_listed_with_its_values() -> None:
    raised = 0
    for path in SOURCE.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id != "LabelError" or not isinstance(node.args[0], ast.Constant):
                continue
            code = str(node.args[0].value)
            assert {keyword.arg for keyword in node.keywords} == set(errors.ERRORS[code]), code
            raised += 1
    assert raised > 30


@pytest.mark.parametrize("language", ["fr", "en"])
def test_placeholders_are_values_the_errors_carry(language: str) -> None:
    words = catalogue(language)
    for table in ("error", "hint"):
        for code, sentence in words[table].items():
            used = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
            assert used <= set(errors.ERRORS[code]), (code, used)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("table", ["status", "error", "printer", "queue"])
def test_sentences_for_workers_are_short(language: str, table: str) -> None:
    for sentence in catalogue(language)[table].values():
        for part in re.split(r"(?<=[.?!]) ", sentence):
            assert len(re.findall(r"[\w{}’']+", part)) <= 12, part


def test_both_languages_have_the_same_keys() -> None:
    french, english = catalogue("fr"), catalogue("en")
    assert {t: set(words) for t, words in french.items()} == {
        t: set(words) for t, words in english.items()
    }
