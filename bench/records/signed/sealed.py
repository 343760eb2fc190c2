"""A signed statement that is not an event: certificate, revocation, receipt, bag statement.

Shape, as it lies in JSON: `{"kind", "body", "key", "signature"}`; `body` is the
canonical JSON *text* that was signed, kept as text so that no reader re-spells it.
"""

from __future__ import annotations

import functools
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.records.errors import RecordsError
from bench.records.signed import canonical
from diagnostics.learn import learn


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement, who signed it (hex of the 32-byte public key), and the signature (hex)."""

    kind: str
    body: str
    key: str
    signature: str

    def plain(self) -> dict[str, str]:
        """The same as a map, to lie inside an event or a JSON file."""
        return {
            "kind": self.kind,
            "body": self.body,
            "key": self.key,
            "signature": self.signature,
        }

    def dumps(self) -> bytes:
        """The file form: canonical JSON and one line end."""
        return canonical.dumps(self.plain()) + b"\n"


def media_type(kind: str) -> str:
    """The type bound into a signature."""
    return f"application/vnd.etabli.{kind}+json"


def signature_holds(public: bytes, kind: str, body: bytes, signature: bytes) -> bool:
    """Whether `signature` is `public`'s over this body as this kind. Never raises."""
    if not is_public_key(public.hex()):
        return False
    try:
        _public_key(public).verify(signature, canonical.pre_authentication(media_type(kind), body))
    except (InvalidSignature, ValueError):
        return False
    return True


_FIELD = 2**255 - 19
# RFC 8032: the y of the eight points whose order divides 8. A signature by such a "key" holds
# for messages nobody signed; no key pair has one. A y of the field's size or more is a second
# spelling. tests/unit/records compute these five again.
_SMALL_ORDER_Y = frozenset(
    (
        0,
        1,
        _FIELD - 1,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    )
)


@functools.lru_cache(1024)
def is_public_key(text: str) -> bool:
    """Whether this hexadecimal text is 32 bytes that can be somebody's Ed25519 public key."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return False
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    return len(raw) == 32 and text == raw.hex() and y < _FIELD and y not in _SMALL_ORDER_Y


@functools.lru_cache(256)
def _public_key(public: bytes) -> Ed25519PublicKey:
    # A bag holds thousands of signatures of a few benches; reading a key costs a tenth
    # of a verification.
    return Ed25519PublicKey.from_public_bytes(public)


def read(raw: object, kind: str) -> tuple[dict[str, Any], Sealed]:
    """Check a statement and give its value: from bytes (file form), a map or a `Sealed`.

    Raises `RecordsError`: `sealed_unreadable`, `sealed_kind`, `sealed_signature`, and
    what `canonical.loads` raises.
    """
    sealed = _sealed(raw)
    if sealed.kind != kind:
        raise RecordsError("sealed_kind", wanted=kind, found=sealed.kind[:40])
    public, signature = _hex(sealed.key, 32), _hex(sealed.signature, 64)
    body = sealed.body.encode()
    if not signature_holds(public, kind, body, signature):
        raise RecordsError("sealed_signature", kind=kind)
    value = canonical.loads(body, max_bytes=4 * canonical.MAX_BYTES)
    if not isinstance(value, dict):
        raise RecordsError("sealed_unreadable", kind=kind)
    return value, sealed


def _sealed(raw: object) -> Sealed:
    if isinstance(raw, Sealed):
        return raw
    try:
        if isinstance(raw, bytes):
            if not raw.endswith(b"\n"):
                raise RecordsError("sealed_unreadable", kind="")
            sealed = msgspec.json.decode(raw, type=Sealed)
            # One spelling only: a changed space or escape is a changed file.
            if sealed_bytes(sealed) != raw:
                raise RecordsError("value_not_canonical")
            return sealed
        return msgspec.convert(raw, Sealed)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeError, RecursionError):
        raise RecordsError("sealed_unreadable", kind="") from None


def sealed_bytes(sealed: Sealed) -> bytes:
    """The file form without the size limit of one event (a statement lists every bench)."""
    return msgspec.json.encode(sealed.plain(), order="sorted") + b"\n"


def _hex(text: str, size: int) -> bytes:
    # Lower case only: an upper-case digit would be a second spelling of one signature.
    if len(text) != 2 * size or text != text.lower():
        raise RecordsError("sealed_unreadable", kind="")
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise RecordsError("sealed_unreadable", kind="") from None


learn(Sealed)
