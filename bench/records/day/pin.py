"""The supervisor's code on a bench: keeps a slip away, not a burglar.

Derived with scrypt and slowed after wrong tries; the count survives a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from bench.records.errors import RecordsError
from bench.records.log import Log

_FREE_TRIES = 3
_WAIT_S = 30  # after the third wrong try, doubled at each further one
_MAX_WAIT_S = 3600


def choose(log: Log, pin: str) -> None:
    """Set the code. Raises `RecordsError` (`pin_weak`)."""
    if not re.fullmatch(r"\d{4,12}", pin, re.ASCII) or len(set(pin)) == 1:
        raise RecordsError("pin_weak")
    salt = log.random(16)
    log.store.set_meta("pin", salt + _derive(pin, salt))
    log.store.set_meta("pin_wrong", 0)


def is_set(log: Log) -> bool:
    """Whether this bench has a supervisor's code."""
    return log.store.meta("pin") is not None


def check(log: Log, pin: str) -> None:
    """Pass, or raise `RecordsError`: `pin_unset`, `pin_locked`, `pin_wrong`."""
    store, now = log.store, int(log.clock.now().timestamp())
    with store.transaction():
        kept = store.meta("pin")
        if not isinstance(kept, bytes):
            raise RecordsError("pin_unset")
        wrong, until = int(store.meta("pin_wrong") or 0), int(store.meta("pin_until") or 0)
        # A clock set back must not lock for years, nor unlock at once.
        if now < until <= now + _MAX_WAIT_S:
            raise RecordsError("pin_locked", seconds=until - now)
        good = hmac.compare_digest(_derive(pin[:64], kept[:16]), kept[16:])
        store.set_meta("pin_wrong", 0 if good else wrong + 1)
        if not good and wrong + 1 >= _FREE_TRIES:
            wait = min(_MAX_WAIT_S, _WAIT_S * 2 ** min(20, wrong + 1 - _FREE_TRIES))
            store.set_meta("pin_until", now + wait)
    if not good:
        raise RecordsError("pin_wrong")


def _derive(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
