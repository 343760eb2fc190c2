"""The range of CO2 avoided by a lot: versioned factors, whole grams, sources named.

Only machines handed on count; a kind no source knows counts for nothing and is said.
"""

from __future__ import annotations

import functools
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from diagnostics.learn import learn

_FILE = Path(__file__).with_name("impact.toml")


class Recipe(msgspec.Struct, frozen=True):
    """One source. `rule`: displacement (a share of making one new), per_year, per_machine."""

    id: str
    source: str
    rule: str
    grams: dict[str, int]


class Factors(msgspec.Struct, frozen=True):
    version: str
    displacement_percent: int
    second_life_years: int
    same_as: dict[str, str]
    weight_g: dict[str, int]
    recipe: tuple[Recipe, ...]

    def kind(self, name: str) -> str:
        return self.same_as.get(name, name)

    def grams(self, recipe: Recipe, kind: str) -> int | None:
        """CO2 avoided by one machine of this kind after this source; `None` = not covered."""
        grams = recipe.grams.get(self.kind(kind))
        if grams is None:
            return None
        if recipe.rule == "displacement":
            return grams * self.displacement_percent // 100
        return grams * self.second_life_years if recipe.rule == "per_year" else grams


class Line(msgspec.Struct, frozen=True):
    """One kind: how many machines, and the least and most grams a machine."""

    kind: str
    count: int
    low_g: int
    high_g: int


class Impact(msgspec.Struct, frozen=True):
    """`low_g` to `high_g` for the whole lot. `uncovered`: kinds no source knows."""

    version: str
    second_life_years: int
    displacement_percent: int
    low_g: int
    high_g: int
    lines: tuple[Line, ...]
    uncovered: tuple[tuple[str, int], ...]
    sources: tuple[str, ...]


@functools.cache
def standard_factors() -> Factors:
    """The factors shipped with the program."""
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), Factors)


def impact_of(kinds: Iterable[str], factors: Factors) -> Impact:
    """The range for machines of these kinds, each handed on."""
    lines, uncovered = [], []
    used: set[str] = set()
    for kind, count in sorted(Counter(kinds).items()):
        known = {
            recipe.source: grams
            for recipe in factors.recipe
            if (grams := factors.grams(recipe, kind)) is not None
        }
        if not known:
            uncovered.append((kind, count))
            continue
        used.update(known)
        lines.append(Line(kind, count, min(known.values()), max(known.values())))
    return Impact(
        version=factors.version,
        second_life_years=factors.second_life_years,
        displacement_percent=factors.displacement_percent,
        low_g=sum(line.count * line.low_g for line in lines),
        high_g=sum(line.count * line.high_g for line in lines),
        lines=tuple(lines),
        uncovered=tuple(uncovered),
        sources=tuple(recipe.source for recipe in factors.recipe if recipe.source in used),
    )


learn(Factors)
