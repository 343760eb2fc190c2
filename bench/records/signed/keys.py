"""Keys of benches and workshops: one Ed25519 key each, in a file only its owner reads.

A bench's name in the record *is* the hash of its key, so nobody can sign as another
bench. A workshop's key certifies its benches and revokes them after an event.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.records.errors import RecordsError
from bench.records.signed import canonical, fingerprint, sealed
from bench.records.signed.sealed import Sealed
from diagnostics import durable
from diagnostics.learn import learn

ROLES = ("bench", "coordination")
Number = Annotated[int, msgspec.Meta(ge=0, le=canonical.MAX_INTEGER)]
EventHash = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]


@functools.lru_cache(256)
def key_id(public: bytes) -> str:
    """The name of a key: 32 hexadecimal digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:32]


class Key:
    """A private key: `id` names it, `public` is 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw()
        self.id = key_id(self.public)

    @property
    def fingerprint(self) -> str:
        """What is read aloud of it."""
        return fingerprint.show(self.public)

    def sign(self, kind: str, body: bytes) -> bytes:
        """The 64-byte signature of a body as this kind of statement."""
        encoded = canonical.pre_authentication(sealed.media_type(kind), body)
        return self._private.sign(encoded)

    def sign_digests(self, digests: bytes) -> bytes:
        """The signature of two SHA-256 digests, for formats with their own signing rules.

        Exactly 64 bytes, so that nothing signed here can pass for a statement of ours
        (those begin with "DSSEv1").
        """
        if len(digests) != 64:
            raise ValueError("two SHA-256 digests are signed here, nothing else")
        return self._private.sign(digests)

    def seal(self, kind: str, value: dict[str, Any]) -> Sealed:
        """A signed statement of this value."""
        canonical.check(value)
        body = msgspec.json.encode(value, order="sorted")
        signature = self.sign(kind, body).hex()
        return Sealed(kind=kind, body=body.decode(), key=self.public.hex(), signature=signature)

    def seed(self) -> bytes:
        """The 32 secret bytes, for `save` only."""
        return self._private.private_bytes(
            serialization.Encoding.Raw,
            serialization.PrivateFormat.Raw,
            serialization.NoEncryption(),
        )


def create(path: Path, random: Callable[[int], bytes] = os.urandom) -> Key:
    """Make a key and keep it: mode 0600, on the disk before this returns.

    Raises `RecordsError`: `key_exists`, `folder_unwritable`.
    """
    key = Key(random(32))
    try:
        if path.exists() or durable.is_link(path):
            raise RecordsError("key_exists", path=str(path))
        durable.write_whole(path, key.seed().hex().encode() + b"\n", make_folder=True)
    except OSError as error:
        raise RecordsError("folder_unwritable", path=str(path), cause=error.strerror) from error
    return key


def load(path: Path) -> Key:
    """Read a key back. Raises `RecordsError`: `key_missing`, `key_unreadable`."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise RecordsError("key_missing", path=str(path)) from None
    except OSError as error:
        raise RecordsError("key_unreadable", path=str(path), cause=error.strerror) from error
    try:
        seed = bytes.fromhex(text.decode("ascii").strip())
        return Key(seed)
    except ValueError:
        raise RecordsError("key_unreadable", path=str(path), cause="") from None


def load_or_create(path: Path, random: Callable[[int], bytes] = os.urandom) -> Key:
    """The key of this file, made at the first call."""
    try:
        return load(path)
    except RecordsError as error:
        if error.code != "key_missing":
            raise
    return create(path, random)


class Certificate(msgspec.Struct, frozen=True):
    """A workshop says: this key is a bench of mine."""

    bench: str
    key: str  # hex of the bench's public key
    workshop: str  # key id of the workshop
    workshop_key: str  # hex
    name: str = ""
    role: str = "bench"
    at: str = ""
    founding: bool = False  # of the workshop a bench founded for itself
    supervised: bool = False  # from here on a supervisor's acts take a supervisor's proof


def certify(
    workshop: Key,
    public: bytes,
    *,
    name: str,
    role: str = "bench",
    at: str,
    founding: bool = False,
    supervised: bool = False,
) -> Sealed:
    """Sign a bench's key with the workshop's. Raises `RecordsError` (`role_unknown`)."""
    if role not in ROLES:
        raise RecordsError("role_unknown", role=role)
    value = {"bench": key_id(public), "key": public.hex(), "name": name, "role": role, "at": at}
    marks = {"founding": founding, "supervised": supervised}
    return workshop.seal("certificate", value | {name: True for name in marks if marks[name]})


def read_certificate(raw: object) -> Certificate:
    """Check a certificate, wherever it came from. Raises `RecordsError`."""
    value, envelope = sealed.read(raw, "certificate")
    signer = bytes.fromhex(envelope.key)
    try:
        certificate = msgspec.convert(
            {**value, "workshop": key_id(signer), "workshop_key": envelope.key}, Certificate
        )
        public = bytes.fromhex(certificate.key)
    except (msgspec.ValidationError, ValueError):
        raise RecordsError("certificate_unreadable") from None
    if not sealed.is_public_key(certificate.key) or key_id(public) != certificate.bench:
        raise RecordsError("certificate_unreadable")
    return certificate


class Revocation(msgspec.Struct, frozen=True):
    """A workshop says: of this bench's chain only one event and its ancestors count.

    `after_hash` names that event: a number alone does not, for whoever has the key can
    sign another event with the same number. "" with number 0: nothing counts. "" with
    another number: made before hashes were named, and weaker.
    """

    bench: str
    after_seq: Number
    workshop: str
    name: str  # of the revocation itself: the SHA-256 of what was signed
    after_hash: EventHash = ""
    reason: str = ""
    at: str = ""


def revoke(
    workshop: Key, bench: str, after_seq: int, *, after_hash: str = "", reason: str, at: str
) -> Sealed:
    """Sign a revocation. Raises `RecordsError` (`revocation_unreadable`) for an impossible one."""
    if after_seq < 0 or (after_hash and after_seq == 0):
        raise RecordsError("revocation_unreadable")
    value = {"bench": bench, "after_seq": after_seq, "reason": reason, "at": at}
    return workshop.seal("revocation", value | ({"after_hash": after_hash} if after_hash else {}))


def read_revocation(raw: object) -> Revocation:
    """Check a revocation. Raises `RecordsError`."""
    return _about_bench(raw, "revocation", Revocation)


class Reinstatement(msgspec.Struct, frozen=True):
    """A workshop takes one of its revocations back: a word too much, or a mistake."""

    bench: str
    revocation: EventHash  # its name
    workshop: str
    name: str
    reason: str = ""
    at: str = ""


def reinstate(workshop: Key, bench: str, revocation: str, *, reason: str, at: str) -> Sealed:
    """Sign that a revocation, by its name, is taken back."""
    value = {"bench": bench, "revocation": revocation, "reason": reason, "at": at}
    return workshop.seal("reinstatement", value)


def read_reinstatement(raw: object) -> Reinstatement:
    """Check that a revocation was taken back. Raises `RecordsError`."""
    return _about_bench(raw, "reinstatement", Reinstatement)


class SupervisorKey(msgspec.Struct, frozen=True):
    """A workshop says: acts of a supervisor on this bench are signed by this key too."""

    bench: str
    key: str  # hex of the supervisor's public key
    workshop: str
    name: str
    at: str = ""


def certify_supervisor(workshop: Key, bench: str, public: bytes, *, at: str) -> Sealed:
    """Sign a supervisor's key for one bench."""
    return workshop.seal("supervisor", {"bench": bench, "key": public.hex(), "at": at})


def read_supervisor(raw: object) -> SupervisorKey:
    """Check a supervisor's certificate. Raises `RecordsError`."""
    read = _about_bench(raw, "supervisor", SupervisorKey)
    if not sealed.is_public_key(read.key):
        raise RecordsError("supervisor_unreadable")
    return read


_Said = TypeVar("_Said")


def _about_bench(raw: object, kind: str, shape: type[_Said]) -> _Said:
    """A statement of a workshop about a bench, with who signed it and its own name."""
    value, envelope = sealed.read(raw, kind)
    signed = {
        "workshop": key_id(bytes.fromhex(envelope.key)),
        "name": hashlib.sha256(envelope.body.encode()).hexdigest(),
    }
    try:
        return msgspec.convert(value | signed, shape)
    except msgspec.ValidationError:
        raise RecordsError(f"{kind}_unreadable") from None


learn(Revocation, Reinstatement, SupervisorKey, Certificate)
