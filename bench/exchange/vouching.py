"""Whether a key is a bench of a workshop registered here: asked of servers, pushers, receipts."""

from __future__ import annotations

from bench.records.errors import RecordsError
from bench.records.signed import keys
from bench.records.store import Store


def vouched(store: Store, bench: str, certificate: object) -> None:
    """Refuse a bench that no registered workshop certified, or that was revoked.

    Raises `RecordsError`: `key_unknown`, `key_revoked`.
    """
    try:
        found = keys.read_certificate(certificate)
    except RecordsError:
        raise RecordsError("key_unknown", bench=bench[:8]) from None
    trusted = store.query("SELECT 1 FROM trust WHERE workshop = ?", (found.workshop,))
    if found.bench != bench or not trusted:
        raise RecordsError("key_unknown", bench=bench[:8])
    revoked = store.query("SELECT revoked_after FROM bench WHERE bench = ?", (bench,))
    if revoked and revoked[0][0] is not None:
        raise RecordsError("key_revoked", bench=bench[:8], after=revoked[0][0])
