"""Every call. A new one: a module with `CALLS`, named here; its words; nothing else."""

from __future__ import annotations

from bench.hub.api import lots, network, packs, requests, stock, transfers
from bench.hub.api.call import Call

CALLS: tuple[Call, ...] = (
    *network.CALLS,
    *stock.CALLS,
    *requests.CALLS,
    *transfers.CALLS,
    *lots.CALLS,
    *packs.CALLS,
)
