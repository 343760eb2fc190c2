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
    known = store.known()
    if found.bench != bench or found.workshop not in known.workshops:
        raise RecordsError("key_unknown", bench=bench[:8])
    after = known.bench(bench).revoked_after
    if after is None and not known.bench(bench).workshop:
        # Nothing of its chain is here: whether a revocation stands cannot be known.
        rows = store.query(
            "SELECT after_seq FROM revocation WHERE bench = ? AND workshop = ?",
            (bench, found.workshop),
        )
        after = rows[0][0] if rows else None
    if after is not None:
        raise RecordsError("key_revoked", bench=bench[:8], after=after)
