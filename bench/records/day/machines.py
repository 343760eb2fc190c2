"""The machines of a day: which of them a list of that day names."""

from __future__ import annotations

from bench.records.store import Store

_OF_THE_DAY = (
    "SELECT device FROM machine WHERE arrived_day = ?1 UNION"
    " SELECT device FROM machine WHERE finished_day = ?1 UNION"
    " SELECT device FROM machine WHERE last_day = ?1 UNION"
    " SELECT e.device FROM erasure AS e JOIN machine AS m ON m.device = e.device WHERE e.day = ?1"
)


def machines_of(store: Store, day: str) -> list[str]:
    """The devices that arrived, were finished or erased that day, or whose last word is of it."""
    return [device for (device,) in store.query(_OF_THE_DAY, (day,))]
