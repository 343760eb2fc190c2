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
import tomllib
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
    name, _, rest = key.partition(".")
    for code in dict.fromkeys((language_code or language(), SOURCE)):
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
    return sentence.format(**values) if values else sentence
