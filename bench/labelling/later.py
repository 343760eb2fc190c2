"""Labels that a worker left for later: no printer had them, so no queue knows of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from bench.guide.visit import VisitOutcome

if TYPE_CHECKING:
    from bench.records.log import Log


def left_for_later(log: Log, waiting: Collection[str] = ()) -> list[str]:
    """Numbers of machines whose visit ended so and that have no label since, the oldest first.

    `waiting`: numbers whose label lies in the print queue by now.
    """
    rows = log.store.query(
        "SELECT device, asset FROM machine WHERE labelled = 0 AND finished_day <> ''"
        " AND asset <> '' AND state NOT IN ('handed_over', 'gone') ORDER BY finished_day, asset"
    )
    return [
        asset
        for device, asset in rows
        if asset not in waiting
        and log.dossier(device).visit_outcome == VisitOutcome.LABEL_LATER.value
    ]
