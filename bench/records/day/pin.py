"""The supervisor's code: it opens the key that a supervisor's acts are signed with.

The key lies in the store, encrypted (ChaCha20-Poly1305) under the code by a hash that
costs memory (scrypt). Who has the bench's key alone can sign no supervisor's act. Who has
a copied stick and time can try codes: six digits hold for days on a good machine, a
sentence for ever; docs/security.md says so. Wrong tries make the next wait longer, by the
time the machine has been on and not by its clock, which anybody can set back.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
import time
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bench.records.errors import RecordsError
from bench.records.log import SUPERVISOR_IDLE_S, Log
from bench.records.signed import event, keys
from bench.records.signed.keys import Key

_FREE_TRIES = 3
_WAIT_S = 30  # after the third wrong try, doubled at each further one
_MAX_WAIT_S = 3600
_MIN_LENGTH, _MAX_LENGTH = 6, 64
_SALT, _NONCE = 16, 12
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def choose(log: Log, code: str) -> None:
    """Set the code, and make the supervisors' key of this bench.

    Where the workshop's key is here it certifies that key at once; else the next
    `etabli keys request` asks for it. Raises `RecordsError` (`pin_weak`).
    """
    check_strength(code)
    supervisor = Key(log.random(32))
    workshop = _workshop(log)
    with log.store.transaction():
        _keep(log, supervisor, code)
        if workshop is not None:
            at = event.timestamp(log.clock.now())
            certificate = keys.certify_supervisor(workshop, log.key.id, supervisor.public, at=at)
            log.append("supervisor.certified", {"certificate": certificate.plain()})


def change(log: Log, old: str, new: str) -> None:
    """Another code for the same key; a code of before supervisors' keys gets a key.

    Raises `RecordsError`: as `unlock` and `choose`.
    """
    unlock(log, old)
    if log.supervisor is None:
        choose(log, new)
        return
    check_strength(new)
    with log.store.transaction():
        _keep(log, log.supervisor, new)


def public(log: Log) -> str:
    """The public key (hex) of this bench's supervisors, "" where no code was chosen."""
    return str(log.store.meta("supervisor_public") or "")


def is_set(log: Log) -> bool:
    """Whether this bench has a supervisor's code."""
    return log.store.meta("supervisor") is not None or is_old(log)


def unlock(log: Log, code: str) -> None:
    """Let the log sign as a supervisor, until `lock`.

    Raises `RecordsError`: `pin_unset`, `pin_locked`, `pin_wrong`. A code chosen before
    there were supervisors' keys gets its key now.
    """
    with log.store.transaction():
        if not is_set(log):
            raise RecordsError("pin_unset")
        wait = _wait(log)
        if wait > 0:
            raise RecordsError("pin_locked", seconds=wait)
        seed, old = _open(log, code[:_MAX_LENGTH]), _opens_old(log, code[:_MAX_LENGTH])
        if seed is None and not old:
            _note_wrong(log)
        else:
            _forget_tries(log)
    if seed is not None:
        log.supervisor = Key(seed)
        log.supervisor_until = log.uptime() + SUPERVISOR_IDLE_S
    elif not old:
        raise RecordsError("pin_wrong")


def lock(log: Log) -> None:
    """Nobody signs as a supervisor any more."""
    log.supervisor = None


def check_strength(code: str) -> None:
    """Raise `RecordsError` (`pin_weak`) for a code that is guessed in a few tries."""
    if not _MIN_LENGTH <= len(code) <= _MAX_LENGTH or len(set(code)) < 3 or _is_a_row(code):
        raise RecordsError("pin_weak")


def _keep(log: Log, supervisor: Key, code: str) -> None:
    salt, nonce = log.random(_SALT), log.random(_NONCE)
    sealed = ChaCha20Poly1305(_derive(code, salt)).encrypt(nonce, supervisor.seed(), _context(log))
    log.store.set_meta("supervisor", salt + nonce + sealed)
    log.store.set_meta("supervisor_public", supervisor.public.hex())
    log.store.db.conn.execute("DELETE FROM meta WHERE name = 'pin'")
    _forget_tries(log)


def _open(log: Log, code: str) -> bytes | None:
    kept = log.store.meta("supervisor")
    if not isinstance(kept, bytes) or len(kept) < _SALT + _NONCE:
        return None
    salt, nonce, sealed = kept[:_SALT], kept[_SALT : _SALT + _NONCE], kept[_SALT + _NONCE :]
    try:
        return ChaCha20Poly1305(_derive(code, salt)).decrypt(nonce, sealed, _context(log))
    except InvalidTag:
        return None


def is_old(log: Log) -> bool:
    """Whether the code is of before supervisors' keys: it protects no signature."""
    return isinstance(log.store.meta("pin"), bytes)


def _opens_old(log: Log, code: str) -> bool:
    """Of a store from before supervisors' keys: it opens, and protects no signature."""
    kept = log.store.meta("pin")
    if not isinstance(kept, bytes) or log.store.meta("supervisor") is not None:
        return False
    derived = hashlib.scrypt(code.encode(), salt=kept[:16], n=2**14, r=8, p=1, dklen=32)
    return hmac.compare_digest(derived, kept[16:])


def _workshop(log: Log) -> Key | None:
    """The workshop's key, where this is the workshop's computer or a bench alone."""
    path = log.store.path.parent / "keys" / "workshop.key"
    if not path.exists():
        return None
    found = keys.load(path)
    return found if log.store.known().bench(log.key.id).workshop == found.id else None


def _context(log: Log) -> bytes:
    return b"etabli supervisor " + log.key.public


def _derive(code: str, salt: bytes) -> bytes:
    """64 MiB and about a quarter of a second: as much as a donated PC can spare."""
    return hashlib.scrypt(code.encode(), salt=salt, n=2**16, r=8, p=1, dklen=32, maxmem=2**27)


def _is_a_row(code: str) -> bool:
    """123456, 654321, abcdef: what is tried first."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(code)}
    return steps in ({1}, {-1}) or re.fullmatch(r"(.{1,3})\1+", code) is not None


# -- wrong tries: counted over restarts, waited for while the machine is on ----------------


def _wait(log: Log) -> int:
    """Seconds until the next try is allowed."""
    wrong = int(log.store.meta("pin_wrong") or 0)
    if wrong < _FREE_TRIES:
        return 0
    needed = min(_MAX_WAIT_S, _WAIT_S * 2 ** min(20, wrong - _FREE_TRIES))
    boot, _, since = str(log.store.meta("pin_tried") or "").partition(" ")
    # After a restart the wait begins again: a thief gains nothing by switching off and on.
    begun = float(since) if boot == _boot() and since else 0.0
    return max(0, int(begun + needed - _uptime() + 0.999))


def _note_wrong(log: Log) -> None:
    log.store.set_meta("pin_wrong", int(log.store.meta("pin_wrong") or 0) + 1)
    log.store.set_meta("pin_tried", f"{_boot()} {_uptime():.0f}")


def _forget_tries(log: Log) -> None:
    log.store.set_meta("pin_wrong", 0)
    log.store.set_meta("pin_tried", "")


def _boot() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return "?"


def _uptime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
