"""A paper as a signed file: readable JSON that cannot change by one byte unseen.

File form, one line: canonical JSON (RFC 8785) of
`{"fingerprint", "format", "key", "key_id", "payload", "signature", "type"}`.
The Ed25519 signature covers the type and the canonical bytes of `payload` (DSSE's
pre-authentication encoding), so a payload cannot be passed off as another type.
The rest of the file is either derived from the key or compared byte for byte with
its only allowed spelling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
import rfc8785

from bench.casefile.erasure import supported
from bench.documents.attestation import Attestation
from bench.records.errors import RecordsError
from bench.records.signed import canonical, keys, sealed
from diagnostics.learn import learn

FORMAT = "etabli-signed-1"
ATTESTATION = "attestation"
# A lot of 2,000 machines takes about 2 MB; anything far larger is no paper of ours.
MAX_BYTES = 32 * 1024 * 1024


class Signer(Protocol):
    """What `bench.records.signed.keys.Key` offers."""

    public: bytes

    def sign(self, kind: str, body: bytes) -> bytes: ...


class PaperFinding(msgspec.Struct, frozen=True):
    """Why a file is not believed, or what must be known about it."""

    code: str
    value: str = ""


class Verification(msgspec.Struct, frozen=True):
    """The answer of `verify` and of `shortcode.verify_code`.

    `ok`: nothing was changed since the holder of `key_id` signed. Whether that
    holder is known to us is `trust`: trusted, unknown, revoked. `payload` is the
    content, only when `ok`.
    """

    ok: bool
    findings: tuple[PaperFinding, ...] = ()
    kind: str = ""
    key_id: str = ""
    fingerprint: str = ""
    trust: str = "unknown"
    signer: str = ""
    issued_at: str = ""
    payload: dict[str, Any] | None = None


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fingerprint: str
    format: str
    key: str
    key_id: str
    payload: dict[str, Any]
    signature: str
    type: str


def sign(kind: str, payload: Mapping[str, Any], signer: Signer) -> bytes:
    """The file bytes of a signed paper. Raises `RecordsError` for floats and the like."""
    value = dict(payload)
    canonical.check(value)
    body = rfc8785.dumps(value)
    envelope: dict[str, Any] = {
        "format": FORMAT,
        "type": sealed.media_type(kind),
        "payload": value,
        "key": signer.public.hex(),
        "key_id": keys.key_id(signer.public),
        "fingerprint": keys.fingerprint(signer.public),
        "signature": signer.sign(kind, body).hex(),
    }
    return rfc8785.dumps(envelope) + b"\n"


def sign_attestation(attestation: Attestation, signer: Signer) -> bytes:
    """`attestation.json`, ready to be written as it is."""
    return sign(ATTESTATION, msgspec.to_builtins(attestation), signer)


def verify(
    data: bytes,
    *,
    trusted: Mapping[str, str] | None = None,
    revoked: frozenset[str] = frozenset(),
) -> Verification:
    """Check a signed file offline. Never raises.

    `trusted` maps key ids to names; an unknown signer is reported in `trust` and in
    the findings, and leaves `ok` to the signature alone.
    """
    envelope, code = _open(data)
    if envelope is None:
        return Verification(False, (PaperFinding(code),))
    public = bytes.fromhex(envelope.key)
    kind = envelope.type.removeprefix("application/vnd.etabli.").removesuffix("+json")
    body = rfc8785.dumps(envelope.payload)
    signature = bytes.fromhex(envelope.signature)
    if envelope.type != sealed.media_type(kind) or not sealed.signature_holds(
        public, kind, body, signature
    ):
        return Verification(False, (PaperFinding("signature_wrong"),))
    findings = (*_signer(envelope.key_id, trusted, revoked), *_content(kind, envelope.payload))
    bad = any(f.code not in ("signer_unknown", "not_erased") for f in findings)
    issued = envelope.payload.get("issued_at")
    return Verification(
        ok=not bad,
        findings=findings,
        kind=kind,
        key_id=envelope.key_id,
        fingerprint=envelope.fingerprint,
        trust=trust_of(envelope.key_id, trusted, revoked),
        signer=(trusted or {}).get(envelope.key_id, ""),
        issued_at=issued if isinstance(issued, str) else "",
        payload=None if bad else envelope.payload,
    )


def trust_of(key_id: str, trusted: Mapping[str, str] | None, revoked: frozenset[str]) -> str:
    if key_id in revoked:
        return "revoked"
    return "trusted" if trusted and key_id in trusted else "unknown"


def _signer(
    key_id: str, trusted: Mapping[str, str] | None, revoked: frozenset[str]
) -> tuple[PaperFinding, ...]:
    trust = trust_of(key_id, trusted, revoked)
    return () if trust == "trusted" else (PaperFinding(f"signer_{trust}", key_id),)


def _open(data: bytes) -> tuple[_Envelope | None, str]:
    """The envelope, or the code of why there is none."""
    if len(data) > MAX_BYTES:
        return None, "too_big"
    try:
        value = msgspec.json.decode(data)
        canonical.check(value)
        again = rfc8785.dumps(value) + b"\n"
        envelope = msgspec.convert(value, _Envelope)
        public, signature = bytes.fromhex(envelope.key), bytes.fromhex(envelope.signature)
    except RecordsError:
        return None, "not_canonical"
    except (ValueError, RecursionError, msgspec.MsgspecError, rfc8785.CanonicalizationError):
        return None, "unreadable"
    if again != data:
        return None, "not_canonical"
    if envelope.format != FORMAT or len(public) != 32 or len(signature) != 64:
        return None, "unreadable"
    derived = (public.hex(), signature.hex(), keys.key_id(public), keys.fingerprint(public))
    if derived != (envelope.key, envelope.signature, envelope.key_id, envelope.fingerprint):
        return None, "key_mismatch"
    return envelope, ""


def _content(kind: str, payload: dict[str, Any]) -> tuple[PaperFinding, ...]:
    """An attestation must make sense as well: a valid signature over a lie stays a lie."""
    if kind != ATTESTATION:
        return ()
    try:
        attestation = msgspec.convert(payload, Attestation)
    except msgspec.ValidationError:
        return (PaperFinding("content_unreadable"),)
    unsupported = [(disk, supported(disk)) for disk in attestation.disks]
    findings = [
        PaperFinding("claims_too_much", f"{disk.identity or disk.job}: {why}")
        for disk, why in unsupported
        if why
    ]
    findings += [
        PaperFinding("not_erased", disk.identity or disk.job or "?")
        for disk in attestation.disks
        if not disk.erased
    ]
    return tuple(findings)


learn(_Envelope)
