"""One event: what happened, on which bench, signed once and never changed."""

from __future__ import annotations

import datetime
import functools
import hashlib
import re
from collections.abc import Callable
from typing import Any

import msgspec

from bench.records.errors import RecordsError
from bench.records.signed import canonical, keys, sealed

SCHEMA = 1
KIND = "event"  # the type bound into every event's signature
SUPERVISED = "supervised"  # the type bound into a supervisor's signature
MAX_TICK = 2**52  # beyond this no bench can honestly have counted
MAX_SHORT = 64
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
# ASCII digits only: \d takes those of every script, and two spellings would be two days.
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_HASH = re.compile(r"([0-9a-f]{64})?")
_BENCH = re.compile(r"[0-9a-f]{32}")
_PROOF = re.compile(r"([0-9a-f]{192})?")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope. `prev` is the hash of the bench's previous event, "" for the first.

    `tick` is a logical clock: one more than the highest tick the bench knew when it
    wrote. It orders events of several benches by what they had seen of each other,
    because the wall clock of a donated PC may say 1970.
    """

    schema: int
    id: str
    type: str
    bench: str
    seq: int
    tick: int
    prev: str
    at: str
    operator: str = ""
    device: str = ""
    lot: str = ""
    proof: str = ""  # of a supervisor's act: key and signature (hex) over the rest
    data: dict[str, Any]


class Signed(msgspec.Struct, frozen=True):
    """An event as it is stored and relayed: its bytes, its signer and the signature."""

    event: Event
    body: bytes
    public: bytes
    signature: bytes

    @property
    def hash(self) -> bytes:
        """The identity of the event."""
        return hashlib.sha256(self.body).digest()


def digest(body: bytes) -> str:
    """The identity of canonical event bytes, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def uuid7(moment: datetime.datetime, random: Callable[[int], bytes]) -> str:
    """A UUID of version 7 (RFC 9562 section 5.7), from an injected clock and randomness."""
    milliseconds = int(moment.timestamp() * 1000) & (2**48 - 1)
    noise = int.from_bytes(random(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (noise >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | noise & (2**62 - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_device(bench: str, moment: datetime.datetime, random: Callable[[int], bytes]) -> str:
    """A machine's name: a UUID of version 7 whose last 48 bits say which bench made it."""
    start = uuid7(moment, random)[:24]
    return start + _made_by(start, bench)


def minted_by(device: str, bench: str) -> bool:
    """Whether this bench made a machine's name: another finds none that says so of a bench it
    has not the key of. Of a machine joined to others, of each name alone."""
    return len(device) == 36 and device[24:] == _made_by(device[:24], bench)


def _made_by(start: str, bench: str) -> str:
    return hashlib.sha256(f"etabli device {start} {bench}".encode()).hexdigest()[:12]


def timestamp(moment: datetime.datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-11-23T08:30:00.000Z`."""
    utc = moment.astimezone(datetime.UTC)
    return utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def plain(event: Event) -> dict[str, Any]:
    """What is signed; without a proof where there is none, as before proofs existed."""
    value = msgspec.structs.asdict(event)
    if not event.proof:
        del value["proof"]
    return value


def sign(event: Event, key: keys.Key, supervisor: keys.Key | None = None) -> Signed:
    """Canonicalise and sign, by a supervisor's key first where there is one.

    Raises `RecordsError` where the event is not well formed.
    """
    if event.bench != key.id:
        raise RecordsError("event_bench")
    if supervisor is not None:
        proof = supervisor.sign(SUPERVISED, canonical.dumps(plain(event))).hex()
        event = msgspec.structs.replace(event, proof=supervisor.public.hex() + proof)
    _check_envelope(event)
    body = canonical.dumps(plain(event))
    return Signed(event=event, body=body, public=key.public, signature=key.sign(KIND, body))


@functools.lru_cache(4096)
def supervisor_of(body: bytes) -> str:
    """The supervisor's key (hex) whose proof an event carries and holds; "" without one."""
    value = msgspec.json.decode(body)
    proof = str(value.pop("proof", ""))
    if not proof or not _PROOF.fullmatch(proof):
        return ""
    rest = msgspec.json.encode(value, order="sorted")
    public, signature = bytes.fromhex(proof[:64]), bytes.fromhex(proof[64:])
    return proof[:64] if sealed.signature_holds(public, SUPERVISED, rest, signature) else ""


def parse(body: bytes) -> Event:
    """The event of canonical bytes. Raises `RecordsError`; the signature is not looked at.

    Fields a newer schema added stay in the bytes and are not lost when relayed.
    """
    value = canonical.loads(body)
    try:
        event = msgspec.convert(value, Event)
    except msgspec.ValidationError:
        raise RecordsError("event_shape") from None
    _check_envelope(event)
    return event


def parse_stored(body: bytes) -> Event:
    """The event of bytes this store already accepted: no second check, for speed."""
    return _DECODER.decode(body)


_DECODER = msgspec.json.Decoder(Event)


def signature_holds(signed: Signed) -> bool:
    """Whether bench, key, bytes and signature belong together."""
    if keys.key_id(signed.public) != signed.event.bench:
        return False
    return sealed.signature_holds(signed.public, KIND, signed.body, signed.signature)


def _is_moment(at: str) -> bool:
    try:
        datetime.datetime.fromisoformat(at)
    except ValueError:
        return False
    return True


def _check_envelope(event: Event) -> None:
    if event.schema < 1:
        raise RecordsError("event_shape")
    if not _TYPE.fullmatch(event.type) or len(event.type) > MAX_SHORT:
        raise RecordsError("event_type", type=event.type[:MAX_SHORT])
    if not (_BENCH.fullmatch(event.bench) and _HASH.fullmatch(event.prev)):
        raise RecordsError("event_shape")
    if event.seq < 1 or event.tick < 1 or (event.seq == 1) != (event.prev == ""):
        raise RecordsError("event_shape")
    if max(event.seq, event.tick) >= MAX_TICK or not _PROOF.fullmatch(event.proof):
        raise RecordsError("event_shape")
    if not (_AT.fullmatch(event.at) and _is_moment(event.at)):
        raise RecordsError("event_time", at=event.at[:MAX_SHORT])
    for text in (event.id, event.operator, event.device, event.lot):
        if len(text) > MAX_SHORT or not text.isprintable():
            raise RecordsError("event_shape")
