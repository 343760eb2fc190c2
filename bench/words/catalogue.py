"""Every sentence a person reads, looked up by key and language.

A key is `area.name.more`: `bench/words/<language>/<area>.toml`, then the tables
inside. French is the source and always complete; a key missing in another
language falls back to French, so nobody ever sees a bare key. Plain TOML rather
than compiled gettext: no build step on the stick, and a translator edits the
file that is read (docs/decisions/toml-words.md).

Two languages may be in force at once (docs/decisions/languages.md): the workshop's, which its
papers, labels and records keep, and the one of whoever reads the screen.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from bench.words import numbers, troubles

SOURCE = "fr"
LANGUAGES = ("fr", "en")  # whole: commands, papers and supervisors' pages too
SPOKEN = (
    "fr",
    "en",
    "es",
    "pt",
    "uk",
)  # what a worker may choose: whole for workers' pages (tests/workers.py)
_FOLDER = Path(__file__).parent
_chosen: str | None = None
_reader: str | None = None
_for_workshop: ContextVar[bool] = ContextVar("for_workshop", default=False)
_asked_in: ContextVar[str | None] = ContextVar("asked_in", default=None)


def choose(language: str | None) -> None:
    """Set the language of this process, the workshop's; `None`: what the environment says.

    Whoever read in a language of their own reads in this one.
    """
    global _chosen, _reader
    _chosen, _reader = language if language in SPOKEN else None, None


def choose_reader(language: str | None) -> None:
    """Set the language of whoever reads the screen; `None`: the workshop's. Nothing that is
    printed, signed or kept follows it."""
    global _reader
    _reader = language if language in SPOKEN else None


def readers_language() -> str | None:
    """What whoever reads the screen chose; `None`: nothing."""
    return _reader


def language() -> str:
    """The language in force: the reader's, but on papers and in the record the workshop's."""
    if _for_workshop.get():
        return paper_language()
    return _asked_in.get() or _reader or workshops_language()


def workshops_language() -> str:
    """Chosen for the process, else `ETABLI_LANG`, else French."""
    if _chosen is not None:
        return _chosen
    wanted = os.environ.get("ETABLI_LANG", SOURCE)[:2]
    return wanted if wanted in LANGUAGES else SOURCE


def paper_language() -> str:
    """The workshop's, where papers can be written in it, else French."""
    code = workshops_language()
    return code if code in LANGUAGES else SOURCE


@contextlib.contextmanager
def for_the_workshop() -> Iterator[None]:
    """What is said within is printed, signed or kept: in the workshop's language, whoever reads
    the screen. In this thread; also as a decorator."""
    token = _for_workshop.set(True)
    try:
        yield
    finally:
        _for_workshop.reset(token)


@contextlib.contextmanager
def asked_in(code: str) -> Iterator[None]:
    """What is said within answers one reader among many, in the language that reader chose: a
    server's threads answer several at once."""
    token = _asked_in.set(code if code in SPOKEN else None)
    try:
        yield
    finally:
        _asked_in.reset(token)


@functools.cache
def area(language_code: str, name: str) -> dict[str, Any]:
    """One catalogue file as nested tables; empty when there is none."""
    path = _FOLDER / language_code / f"{name}.toml"
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        return {}


def find(key: str, language_code: str | None = None) -> str | None:
    """The raw sentence of a key, or `None` where neither language has it."""
    return _found(key, language_code or language())[0]


@functools.lru_cache(maxsize=4096)  # a page says the same forty at every key; some keys are data
def _found(key: str, language_code: str) -> tuple[str | None, str]:
    """The sentence, and the language it is in."""
    name, _, rest = key.partition(".")
    for code in dict.fromkeys((language_code, SOURCE)):
        node: Any = area(code, name)
        for part in rest.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        if isinstance(node, str):
            return node, code
    return None, language_code


def say(key: str, /, **values: object) -> str:
    """The sentence of a key with its placeholders filled.

    Raises `KeyError` for a key nobody wrote: a bug the tests must see.
    """
    sentence = find(key)
    if sentence is None:
        raise KeyError(f"no words for {key!r}")
    if "|" in sentence:
        return _Counting(_found(key, language())[1]).vformat(sentence, (), _worded(values))
    return sentence.format(**_worded(values)) if values else sentence


def _worded(values: Mapping[str, object]) -> dict[str, object]:
    """What the machine or a library answered is said in our words, wherever it is told."""
    return {name: _word(value) for name, value in values.items()}


def _word(value: object) -> object:
    if not isinstance(value, (str, Exception)):
        return value
    found = troubles.of(value)
    return value if found is None else say(f"system.{found[0]}", **found[1])


def quoting(*keys: str, **values: object) -> str:
    """The sentence of the first key somebody wrote, filled; "" where there is none.

    `{screens.arrival.new}` in it stands for the words of that key: a sentence that tells people
    what to choose says it as the page does, in every language.
    """
    found = next((found for key in keys if (found := find(key))), "")
    sentence = filled(found, values) if values and _QUOTED.search(found) is None else found
    return _QUOTED.sub(lambda quoted: say(quoted[1], **values), sentence)


_QUOTED = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)+)\}")


def filled(sentence: str, values: Mapping[str, object]) -> str:
    """A sentence with its placeholders filled, its words in the number they need.

    `{count:fiche|fiches}` is the word for so many, without the number: the forms of its
    language (`bench.words.numbers`). Of another count of forms it is the French fallback.
    Raises `KeyError`, `IndexError` or `ValueError` where the values do not fit.
    """
    if "|" in sentence:  # the slower way, for the few that need it
        return _Counting(language()).vformat(sentence, (), _worded(values))
    return sentence.format(**_worded(values))


def filled_or_bare(sentence: str, values: Mapping[str, object]) -> str:
    """The same for values from records and other programs: what they do not fit stays bare.

    A sentence with a hole says more than a crash.
    """
    try:
        return filled(sentence, values)
    except (KeyError, IndexError, ValueError):
        return sentence


class _Counting(string.Formatter):
    def __init__(self, code: str) -> None:
        self._code = code

    def format_field(self, value: Any, format_spec: str) -> Any:
        forms = format_spec.split("|")
        if len(forms) == 1:
            return super().format_field(value, format_spec)
        fits = len(forms) == numbers.forms_of(self._code)
        return forms[min(numbers.form(value, self._code if fits else SOURCE), len(forms) - 1)]
