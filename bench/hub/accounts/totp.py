"""Codes of six digits that change every half minute (TOTP, RFC 6238; HOTP, RFC 4226)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import textwrap
from urllib.parse import quote, urlencode

STEP_S, DIGITS = 30, 6
_LATE, _EARLY = 1, 1  # steps: clocks of telephones differ by seconds, and people type slowly
SECRET_BYTES = 20


def code(secret: bytes, counter: int, digits: int = DIGITS, digest: str = "sha1") -> str:
    """The code of one step (RFC 4226, 5.3)."""
    mac = hmac.new(secret, counter.to_bytes(8, "big"), getattr(hashlib, digest)).digest()
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: bytes, typed: str, now_s: float, last: int) -> int | None:
    """The step whose code was typed, later than `last`: a code is used once. `None`: of none."""
    told = "".join(typed.split())
    if len(told) != DIGITS or not (told.isascii() and told.isdigit()):
        return None
    here = int(now_s // STEP_S)
    found = None
    for step in range(here - _LATE, here + _EARLY + 1):  # all of them: no answer is quicker
        if hmac.compare_digest(code(secret, step), told) and step > last:
            found = step
    return found


def written(secret: bytes) -> str:
    """The secret as a person types it: base32 in groups of four."""
    return " ".join(textwrap.wrap(base64.b32encode(secret).decode(), 4))


def address(secret: bytes, name: str, issuer: str) -> str:
    """What an authenticator reads from a QR code."""
    told = urlencode({"secret": base64.b32encode(secret).decode(), "issuer": issuer})
    return f"otpauth://totp/{quote(issuer)}:{quote(name)}?{told}"
