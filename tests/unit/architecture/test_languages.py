"""Each language a worker may choose has every sentence a worker reads, and nothing else.

It keeps the rules of sentences, has letters that a terminal can show, and stays within what the
pages are proven to hold (French made 40 % longer: tests/screens/test_look.py).
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.words.catalogue import LANGUAGES, SOURCE, SPOKEN, area, find
from bench.words.letters import offered, shown
from bench.words.numbers import decimal, form, forms_of
from diagnostics.health import rules
from diagnostics.health.rules import DriveUse
from live import font
from tests.screens.glyphs import LETTERS, NAMES
from tests.unit.architecture.test_sentences import crooked_rule, too_long, typography
from tests.unit.architecture.test_words import AREAS, ROOT, WORDS, catalogue, placeholders
from tests.workers import NOT_WORKERS, WORKERS, is_workers

OTHERS = tuple(code for code in SPOKEN if code not in LANGUAGES)
UNREAD = "# To be read by a speaker"
LONGER = 3  # columns more than 40 %: a short word has no room to be 40 % longer


@functools.cache
def said(language: str) -> dict[str, str]:
    return {
        f"{name}.{key}": text
        for name in AREAS
        if (WORDS / language / f"{name}.toml").exists()
        for key, text in catalogue(language, name).items()
        if name != "language"
    }


FRENCH = {key: text for key, text in said(SOURCE).items() if is_workers(key)}


def test_what_is_declared_is_there() -> None:
    keys = said(SOURCE).keys()
    for table in (*WORKERS, *NOT_WORKERS):
        assert any(key == table or key.startswith(f"{table}.") for key in keys), table
    assert set(SPOKEN) == {
        path.name for path in WORDS.iterdir() if (path / "language.toml").exists()
    }


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_is_whole(language: str) -> None:
    """Missing or too much fails; so does a place for a value that French has not."""
    theirs = said(language)
    assert theirs.keys() == FRENCH.keys()
    unlike = [key for key in FRENCH if placeholders(theirs[key]) != placeholders(FRENCH[key])]
    assert not unlike


@pytest.mark.parametrize("language", OTHERS)
def test_what_an_erasure_did_to_a_drive_is_said(language: str) -> None:
    """French and English stand beside the rules; the others are in the catalogue."""
    worse = (DriveUse.SCRAP, DriveUse.WATCH)
    told = {rule.id: rule.fr for rule in rules.standard().rules if rule.verdict in worse}
    theirs = catalogue(language, "health")
    assert theirs.keys() == told.keys()
    for key, text in theirs.items():
        assert placeholders(text) == placeholders(told[key]), key
        assert set(text) <= LETTERS[language] and len(text) <= 1.4 * len(told[key]) + LONGER, key
        assert not too_long(language, "checks", text) and not typography(language, "", text)


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_keeps_the_rules(language: str) -> None:
    wrong = {
        f"{key} {rule.__name__}": found
        for key, text in said(language).items()
        for rule in (crooked_rule, too_long, typography)
        if (found := rule(language, key, text))
    }
    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_has_letters_of_its_language_and_room(language: str) -> None:
    strange, long = {}, {}
    for key, text in said(language).items():
        if bad := set(text) - LETTERS[language] - {"\n"}:
            strange[key] = bad
        if len(text) > round(1.4 * len(FRENCH[key])) + LONGER:
            long[key] = (len(text), len(FRENCH[key]))
    assert not strange
    assert not long


@pytest.mark.parametrize("language", SPOKEN)
def test_a_disks_state_fits_its_cell(language: str) -> None:
    """The table of disks cuts what is longer (bench/console/widgets/table.py)."""
    long = {}
    for key, text in said(language).items():
        short = key.startswith("screens.tray.short.") or key == "screens.keys.gone_short"
        if short or key.startswith("screens.tray.state."):
            paused = key == "screens.tray.state.paused"  # "42 %" stands before it
            if len(text) > (6 if short else 23 if paused else 28):
                long[key] = text
    assert not long


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_was_translated(language: str) -> None:
    same = [
        key
        for key, text in said(language).items()
        if text == FRENCH[key]
        and len(re.findall(r"\b[a-zé]{3,}\b", re.sub(r"\{.*?\}", "", text))) > 2
    ]
    assert not same


def test_spanish_questions_open_as_they_close() -> None:
    crooked = [
        key
        for key, text in said("es").items()
        if text.count("?") != text.count("¿") or text.count("!") != text.count("¡")
    ]
    assert not crooked


@pytest.mark.parametrize("language", OTHERS)
def test_who_has_not_read_it_yet_is_said_in_every_file_and_on_the_page(language: str) -> None:
    unread = bool(area(language, "language").get("unread"))
    for path in sorted((WORDS / language).glob("*.toml")):
        assert path.read_text("utf-8").startswith(UNREAD) == unread, path.name


def test_a_language_has_its_own_name() -> None:
    names = {language: area(language, "language")["name"] for language in SPOKEN}
    assert len(set(names.values())) == len(SPOKEN)
    assert all(set(name) <= LETTERS[code] | NAMES for code, name in names.items())


# -- what workers' pages say is declared -----------------------------------------------------

# Modules whose sentences a worker reads; a supervisor's among them are named in `SUPERVISORS`.
ROOMS = ("bench/screens", "bench/workbench", "bench/console", "bench/guide")
SUPERVISORS = (
    "bench/screens/review/",
    "bench/screens/start/code.py",
    "bench/screens/start/joining.py",
    "bench/screens/start/names.py",
    *(
        f"bench/workbench/{name}.py"
        for name in ("day_list", "find", "points", "review", "review_words", "stock", "sums")
    ),
)
# On workers' pages, and said to a supervisor: the way to the day's review, and what guards it.
SAID_TO_SUPERVISORS = frozenset(
    ("supervisor.open", "supervisor.pin_kept", "start.request.name", "start.ready.go")
)


def asked(path: Path) -> Iterator[str]:
    """Every key a module says, up to where it becomes data: `screens.checks.` of an f-string."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        if node.func.id not in ("say", "find"):
            continue
        for key in ast.walk(node.args[0]):
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and "." in key.value:
                yield key.value
                break


def test_what_workers_pages_say_is_declared() -> None:
    undeclared = set()
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            if where.startswith(SUPERVISORS):
                continue
            for key in asked(path):
                if key.startswith("."):
                    continue  # a table named in the module itself
                whole = key in said(SOURCE)
                known = is_workers(key if whole else f"{key.rstrip('.')}.")
                if not known and key not in SAID_TO_SUPERVISORS:
                    undeclared.add(f"{where}: {key}")
    assert not undeclared


# -- numbers -----------------------------------------------------------------------------------

# Samples of CLDR 46 (plurals.xml, cardinals): one, few, many.
CLDR = {
    "fr": ("0 1 1,5", "2 17 100"),
    "en": ("1", "0 2 16 1,5"),
    "es": ("1", "0 2 16 1,5"),
    "pt": ("1", "0 2 16 1,5"),
    "uk": ("1 21 31 101 1001", "2 4 22 104 1002", "0 5 19 100 11 12 14 111 112 1000"),
}


@pytest.mark.parametrize("language", SPOKEN)
def test_the_form_is_cldrs(language: str) -> None:
    assert len(CLDR[language]) == forms_of(language)
    for wanted, numbers in enumerate(CLDR[language]):
        for number in numbers.split():
            assert form(number, language) == wanted, number
    for none in ("", "12+", "nan", None, "9" * 5000):
        assert form(none, language) == forms_of(language) - 1


def test_a_figure_has_its_languages_sign() -> None:
    assert [decimal("1.5", code) for code in SPOKEN] == ["1,5", "1.5", "1,5", "1,5", "1,5"]


# -- what a terminal can show ------------------------------------------------------------------

ALL = SPOKEN
LATIN = tuple(code for code in SPOKEN if code != "uk")


@pytest.mark.parametrize(
    ("environment", "languages"),
    [
        ({"TERM": "linux"}, LATIN),
        ({"TERM": "linux-16color", "LANG": "fr_FR.UTF-8"}, LATIN),
        ({"TERM": "linux", "ETABLI_CONSOLE_FONT": "etabli"}, ALL),
        ({"TERM": "linux", "ETABLI_CONSOLE_FONT": "terminus"}, LATIN),
        ({"TERM": "xterm-256color", "LANG": "fr_FR.UTF-8"}, ALL),
        ({"TERM": "xterm", "LANG": "fr_FR.utf8"}, ALL),
        ({"TERM": "xterm", "LANG": "C"}, ALL),
        ({"TERM": "xterm"}, ALL),
        ({"TERM": "xterm", "LC_ALL": "fr_FR.ISO-8859-15@euro", "LANG": "fr_FR.UTF-8"}, LATIN),
        ({}, ALL),
    ],
)
def test_a_language_is_offered_where_its_letters_are(
    environment: dict[str, str], languages: tuple[str, ...]
) -> None:
    assert offered(environment) == languages
    assert all(shown(code, environment) == (code in languages) for code in SPOKEN)


def test_what_lat15_shows_has_only_its_letters() -> None:
    """ISO 8859-15, and what Debian's fonts add: the claim of `letters.LATIN_15`."""
    for code in LATIN:
        for text in said(code).values() if code in OTHERS else ():
            "".join(one for one in text if one not in LETTERS["fr"]).encode("iso8859-15")


@pytest.mark.parametrize("language", SPOKEN)
def test_our_console_font_has_every_letter(language: str) -> None:
    """`live/glyphs.txt`: what `ETABLI_CONSOLE_FONT=etabli` promises."""
    has = set(map(chr, range(0x20, 0x7F))) | set("".join(font.wanted()))
    told = "".join(text for key, text in said(language).items() if is_workers(key))
    assert not (LETTERS[language] | set(told)) - has - {"\n"}


def test_arabic_is_not_offered() -> None:
    """docs/decisions/languages.md says why, and what it would take."""
    assert "ar" not in SPOKEN and find("screens.hello.title", "ar") == "Bonjour."
