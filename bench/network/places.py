"""Where a commune lies: towns of Hauts-de-France and the departments around, to about a kilometre.

From public coordinates, typed in for this program (`places.toml`); a commune that is not listed
has no place, and whoever weighs distances says what that means.
"""

from __future__ import annotations

import functools
import math
import tomllib
import unicodedata
from importlib import resources
from typing import NamedTuple

EARTH_KM = 6371.0


class Place(NamedTuple):
    """A commune as it is written, and its degrees north and east."""

    name: str
    north: float
    east: float


@functools.cache
def places() -> dict[str, Place]:
    """Every commune that is known, by its plain name."""
    text = resources.files("bench.network").joinpath("places.toml").read_text("utf-8")
    return {
        plain(name): Place(name, float(north), float(east))
        for name, (north, east) in tomllib.loads(text)["communes"].items()
    }


def find(commune: str) -> Place | None:
    """The place of a commune however it is written; `None` where it is not listed."""
    return places().get(plain(commune))


def distance_km(start: Place, end: Place) -> float:
    """Along the great circle (haversine): no road is shorter."""
    here, there = math.radians(start.north), math.radians(end.north)
    turn = math.radians(end.east - start.east)
    half = math.sin((there - here) / 2) ** 2
    half += math.cos(here) * math.cos(there) * math.sin(turn / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def plain(commune: str) -> str:
    """A commune's name without case, accents, hyphens and the blanks around it."""
    letters = unicodedata.normalize("NFKD", commune.casefold().replace("œ", "oe"))
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(
        "saint" if word == "st" else "sainte" if word == "ste" else word for word in kept.split()
    )
