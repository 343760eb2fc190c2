"""Where circles and names of a map stand. Pure: degrees and counts in, picture units out.

An equirectangular projection, scaled at the middle latitude: over a region of 300 km it is off by
less than the circles are wide. Names go where there is room, of large circles first; one that
finds no room is left out: the table beneath has them all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from bench.network.places import Place

WIDTH = 480.0  # units of the picture; its height follows from the places
LARGEST, SMALLEST = 26.0, 4.5  # radii
TEXT = 15.0  # height of a name
_LETTER = 0.62 * TEXT  # wider than most: what is written is seldom wider than what was reserved
_EDGE = LARGEST + 6
_LEAST_DEGREES = 0.5  # a single place lies in the middle of a piece of land, not on a point
_TALLEST = 1.25  # height to width


class Spot(NamedTuple):
    """What is to be drawn at a place: machines that may be promised, and machines asked for."""

    place: Place
    free: int
    asked: int


class Box(NamedTuple):
    """A rectangle, from its left upper corner."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height

    def inside(self, width: float, height: float) -> bool:
        right, below = self.x + self.width, self.y + self.height
        return self.x >= 0 and self.y >= 0 and right <= width and below <= height


class Mark(NamedTuple):
    """A place on the picture. Radii are 0 for none; `label`: where its name stands."""

    at: int  # in the spots that were given
    x: float
    y: float
    free_radius: float
    asked_radius: float
    label: Box | None

    @property
    def radius(self) -> float:
        """Of all that is drawn here; a place without a machine has its dot."""
        return max(self.free_radius, self.asked_radius, SMALLEST)

    @property
    def text(self) -> tuple[float, float, str]:
        """Where its name is written, as SVG takes it: at the side that is nearest to the circle."""
        box = self.label or Box(self.x, self.y, 0, 0)
        below = round(box.y + 0.78 * box.height, 1)
        if box.x > self.x:
            return box.x, below, "start"
        if box.x + box.width < self.x:
            return round(box.x + box.width, 1), below, "end"
        return round(box.x + box.width / 2, 1), below, "middle"


class Layout(NamedTuple):
    """The picture: its size, its marks (large ones first, so that small ones lie on top), and
    points of other places, for the eye."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    points: tuple[tuple[float, float], ...]


def layout(spots: Sequence[Spot], others: Sequence[Place] = ()) -> Layout:
    """Where everything stands; `others`: places that are shown as points where they are within."""
    frame = _Frame([spot.place for spot in spots])
    most = max((max(spot.free, spot.asked) for spot in spots), default=0)
    bare = []
    for at, spot in enumerate(spots):
        x, y = frame.point(spot.place)
        radii = (radius(spot.free, most), radius(spot.asked, most))
        bare.append(Mark(at, x, y, *radii, None))
    bare.sort(key=lambda mark: (-mark.radius, mark.at))
    marks = _labelled(bare, [spot.place.name for spot in spots], frame)
    taken = {spot.place.name for spot in spots}
    points = [frame.point(place) for place in others if place.name not in taken]
    within = [(x, y) for x, y in points if 0 <= x <= frame.width and 0 <= y <= frame.height]
    return Layout(frame.width, frame.height, marks, tuple(within))


def radius(count: int, most: int) -> float:
    """The area says the count, down to what can still be seen."""
    if count <= 0:
        return 0.0
    return max(SMALLEST, round(LARGEST * math.sqrt(count / most), 1))


class _Frame:
    """From degrees to the picture."""

    def __init__(self, places: Sequence[Place]) -> None:
        norths = [place.north for place in places] or [0.0]
        easts = [place.east for place in places] or [0.0]
        north, east = (max(norths) + min(norths)) / 2, (max(easts) + min(easts)) / 2
        self._narrow = math.cos(math.radians(north))
        across = max(max(easts) - min(easts), _LEAST_DEGREES) * self._narrow
        up = max(max(norths) - min(norths), _LEAST_DEGREES)
        # A high, narrow region is made smaller, not the picture higher than a screen.
        self._scale = min((WIDTH - 2 * _EDGE) / across, (_TALLEST * WIDTH - 2 * _EDGE) / up)
        self._north, self._east = north, east
        self.width, self.height = WIDTH, round(up * self._scale + 2 * _EDGE, 1)

    def point(self, place: Place) -> tuple[float, float]:
        x = self.width / 2 + (place.east - self._east) * self._narrow * self._scale
        y = self.height / 2 - (place.north - self._north) * self._scale
        return round(x, 1), round(y, 1)


def _labelled(marks: Sequence[Mark], names: Sequence[str], frame: _Frame) -> tuple[Mark, ...]:
    circles = {
        mark.at: Box(mark.x - mark.radius, mark.y - mark.radius, 2 * mark.radius, 2 * mark.radius)
        for mark in marks
    }
    taken: list[Box] = []
    placed = []
    for mark in marks:
        others = [box for at, box in circles.items() if at != mark.at]
        room = (
            box
            for box in _around(mark, (len(names[mark.at]) + 1) * _LETTER)
            if box.inside(frame.width, frame.height)
            and not any(box.meets(other) for other in (*taken, *others))
        )
        label = next(room, None)
        taken += [label] if label else []
        placed.append(mark._replace(label=label))
    return tuple(placed)


def _around(mark: Mark, wide: float) -> list[Box]:
    """Right, left, under, over, and at the corners, the most readable first."""
    gap = mark.radius + 3
    slant = mark.radius * 0.72 + 2
    corners = [
        (mark.x + gap, mark.y - TEXT / 2),
        (mark.x - gap - wide, mark.y - TEXT / 2),
        (mark.x - wide / 2, mark.y + gap),
        (mark.x - wide / 2, mark.y - gap - TEXT),
        (mark.x + slant, mark.y - slant - TEXT),
        (mark.x + slant, mark.y + slant),
        (mark.x - slant - wide, mark.y - slant - TEXT),
        (mark.x - slant - wide, mark.y + slant),
    ]
    return [Box(round(x, 1), round(y, 1), round(wide, 1), TEXT) for x, y in corners]
