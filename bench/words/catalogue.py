"""Every sentence a person reads, looked up by key and language.

A key is `area.name.more`: `bench/words/<language>/<area>.toml`, then the tables
inside. French is the source and always complete; a key missing in another
language falls back to French, so nobody ever sees a bare key. Plain TOML rather
than compiled gettext: no build step on the stick, and a translator edits the
file that is read (docs/decisions/toml-words.md).
"""

from __future__ import annotations

import functools
import os
import re
import string
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SOURCE = "fr"
LANGUAGES = ("fr", "en")
_FOLDER = Path(__file__).parent
_chosen: str | None = None


def choose(language: str | None) -> None:
    """Set the language of this process; `None` returns to what the environment says."""
    global _chosen
    _chosen = language if language in LANGUAGES else None


def language() -> str:
    """The language in force: chosen, else `ETABLI_LANG`, else French."""
    if _chosen is not None:
        return _chosen
    wanted = os.environ.get("ETABLI_LANG", SOURCE)[:2]
    return wanted if wanted in LANGUAGES else SOURCE


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
    return _found(key, language_code or language())


@functools.lru_cache(maxsize=4096)  # a page says the same forty at every key; some keys are data
def _found(key: str, language_code: str) -> str | None:
    name, _, rest = key.partition(".")
    for code in dict.fromkeys((language_code, SOURCE)):
        node: Any = area(code, name)
        for part in rest.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        if isinstance(node, str):
            return node
    return None


def say(key: str, /, **values: object) -> str:
    """The sentence of a key with its placeholders filled.

    Raises `KeyError` for a key nobody wrote: a bug the tests must see.
    """
    sentence = find(key)
    if sentence is None:
        raise KeyError(f"no words for {key!r}")
    return filled(sentence, values) if values else sentence


def quoting(*keys: str, **values: object) -> str:
    """The sentence of the first key somebody wrote, filled; "" where there is none.

    `{screens.arrival.new}` in it stands for the words of that key: a sentence that tells people
    what to choose says it as the page does, in every language.
    """
    found = next((found for key in keys if (found := find(key))), "")
    sentence = filled(found, values) if values and _QUOTED.search(found) is None else found
    return _QUOTED.sub(lambda quoted: say(quoted[1]), sentence)


_QUOTED = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)+)\}")


def filled(sentence: str, values: Mapping[str, object]) -> str:
    """A sentence with its placeholders filled, its words in the number they need.

    `{count:fiche|fiches}` is the word for so many, without the number: singular, plural.
    Raises `KeyError`, `IndexError` or `ValueError` where the values do not fit.
    """
    if "|" in sentence:  # the slower way, for the few that need it
        return _COUNTING.vformat(sentence, (), values)
    return sentence.format(**values)


def filled_or_bare(sentence: str, values: Mapping[str, object]) -> str:
    """The same for values from records and other programs: what they do not fit stays bare.

    A sentence with a hole says more than a crash.
    """
    try:
        return filled(sentence, values)
    except (KeyError, IndexError, ValueError):
        return sentence


class _Counting(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        singular, bar, plural = format_spec.partition("|")
        if not bar:
            return super().format_field(value, format_spec)
        return singular if is_singular(value) else plural


_COUNTING = _Counting()


def is_singular(number: object) -> bool:
    """Whether the language in force says so many in the singular: French all below 2, English 1.

    The number may be written already ("1 234", "1,5"); "12+" and what is no number are many.
    """
    try:
        count = abs(float("".join(str(number).split()).replace(",", ".")))
    except ValueError:
        return False
    return count < 2 if language() == "fr" else count == 1
