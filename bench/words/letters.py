"""The languages to choose from, by their own names, and which of them a terminal can show.

Nobody is offered a page of empty boxes.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.words.catalogue import SPOKEN, area

CONSOLE_FONT = "ETABLI_CONSOLE_FONT"  # "etabli": our own font is loaded, with every language's
# Debian's Lat15 fonts (ISO 8859-15 and what draws boxes) have the letters of these, and no others.
LATIN_15 = frozenset({"fr", "en", "es", "pt"})


def shown(language: str, environment: Mapping[str, str]) -> bool:
    """Whether that language's letters can be shown there.

    The Linux console (TERM=linux) shows the 512 glyphs of the font that was loaded, and cannot
    be asked for their names: `ETABLI_CONSOLE_FONT=etabli` says that it is ours. Any other
    terminal takes letters from the fonts of its system, as long as it speaks UTF-8.
    """
    if language in LATIN_15:
        return True
    if environment.get("TERM", "").partition("-")[0] == "linux":
        return environment.get(CONSOLE_FONT) == "etabli"
    return _speaks_utf8(environment)


def offered(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The languages to choose from there, in their order."""
    return tuple(code for code in SPOKEN if shown(code, environment))


def own_name(language: str) -> str:
    """What a language calls itself."""
    return str(area(language, "language")["name"])


def unread(language: str) -> str:
    """In that language, that nobody who speaks it has read its sentences yet; "" once they did."""
    return str(area(language, "language").get("unread", ""))


def _speaks_utf8(environment: Mapping[str, str]) -> bool:
    """By the locale. One that names no charset (C, POSIX, none at all) says nothing of the
    terminal: Python takes UTF-8 then, and terminals do."""
    named = (environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    charset = next(filter(None, named), "").partition(".")[2].partition("@")[0]
    return not charset or charset.lower().replace("-", "") == "utf8"
