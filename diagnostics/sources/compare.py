"""Where two readers differ. Both answers are kept; nobody is declared right. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.model import Disagreement


def differing(
    points: Iterable[tuple[str, object, object]], *, first: str, second: str
) -> tuple[Disagreement, ...]:
    """A disagreement for each point where both readers answered, differently."""
    return tuple(
        Disagreement(point, _shown(value), first, _shown(other), second)
        for point, value, other in points
        if value is not None and other is not None and _shown(value) != _shown(other)
    )


def _shown(value: object) -> str:
    return " ".join(str(value).split())
