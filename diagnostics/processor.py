"""A processor by the name people use: "Intel Core i5-7300U". Pure.

What the processor says of itself stays in the record; this is how it is shown. Nothing is looked
up and no number is made: words that say nothing are left out, and the few names that Intel and AMD
write otherwise than they sell are put in their sold order.
"""

from __future__ import annotations

import functools
import re

_MARKS = re.compile(r"(?:\((?:r|tm|c)\)|[®™©])(-)?", re.IGNORECASE)
_CLOCK = re.compile(r"\s*@.*")
# What follows is the graphics inside: "with Radeon Graphics", "RADEON R3, 4 COMPUTE CORES 2C+2G".
_GRAPHICS = re.compile(
    r"\s+(?:(?:with|w/)\s+.*|(?:radeon\s+)?r\d\w*,?\s+\d+\s+compute\s+cores.*"
    r"|radeon\s+r\d\w*,.*)$",
    re.IGNORECASE,
)
_GENERATION = re.compile(r"^\d{1,2}(?:st|nd|rd|th) gen\s+", re.IGNORECASE)
_CORES = re.compile(
    r"(?:\b(?:\d+|dual|triple|quad|six|eight|twelve|sixteen)[- ]cores?(?:\s+|$))+(?=processor|$)",
    re.IGNORECASE,
)
_NOISE = re.compile(r"\b(?:cpu|processor|mobile technology)(?![\w.+-])", re.IGNORECASE)
_ENDS = re.compile(r"\s+(?:apu|soc)$", re.IGNORECASE)
# Of 2010: "i5 M 520" is sold as i5-520M. X stands for two sold names, so it is left as it is.
_FIRST_CORE = re.compile(r"\bCore (i\d) (?:([MQULKS]) )?(\d{3})(?![\w-])")
_SOLD = {"Q": "QM", "U": "UM", "L": "LM"}
_INTEL = re.compile(r"^(?:Core|Pentium|Celeron|Xeon|Atom)\b")
_MAKERS = re.compile(r"\b(?:Intel|AMD)\b")


@functools.lru_cache(maxsize=1024)
def processor_name(model: str | None) -> str | None:
    """The name people use; `None` where nothing was read. Never raises, never empty.

    Of other makers (Apple, ARM) only the trade marks and the clock go.
    """
    if model is None or not model.strip():
        return None
    name = " ".join(_CLOCK.sub("", _MARKS.sub(lambda mark: mark[1] or " ", model), count=1).split())
    if _INTEL.match(name):
        name = f"Intel {name}"
    while _MAKERS.search(name) and (shown := _sold(name)) != name:
        name = shown  # what is left may end in words that say nothing, too
    return name or " ".join(model.split())


def _sold(name: str) -> str:
    """Without what says nothing; in the order Intel and AMD sell it."""
    shown = _GENERATION.sub("", name)
    shown = _GRAPHICS.sub("", shown)
    if "AMD" in shown:  # Intel sold a "Pentium Dual-Core": there it is the name
        shown = _CORES.sub("", shown)
    shown = " ".join(_NOISE.sub("", shown).split())
    shown = _ENDS.sub("", shown).removeprefix("Genuine ")
    if "Xeon" in shown:
        shown = shown.removesuffix(" 0")  # the first of a series: "E5-2620 0"
    return _FIRST_CORE.sub(_sold_first, shown).strip(" ,")


def _sold_first(found: re.Match[str]) -> str:
    family, letter, number = found.groups()
    return f"Core {family}-{number}{_SOLD.get(letter, letter) if letter else ''}"
