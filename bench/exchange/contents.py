"""What lies in a bag: names, event lines, manifests, the signed statement. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from bench.records.errors import RecordsError
from bench.records.signed import event, keys
from bench.records.signed.canonical import MAX_BYTES
from bench.records.signed.event import Event, Signed
from diagnostics.learn import learn

EVENTS = "data/events.jsonl"
STATEMENT = "data/statement.json"
PACKAGE = "data/datapackage.json"
TABLES = "data/tables/"
ATTACHMENTS = "data/attachments/"
BAGIT = "bagit.txt"
INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"

# RFC 8493 section 2.1.1: exactly these two lines.
BAGIT_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MAX_EVENTS = 5_000_000
MAX_CERTIFICATES = 20_000  # a bench has one or two, and a country a few thousand benches
MAX_MANIFEST_LINE = 64 + 2 + 100 + 1
MAX_LINE = MAX_BYTES + 300
_NAMED_HASH = re.compile(rb'"([0-9a-f]{64})"')
_MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  ([!-~]{1,200})")


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender says it put in, signed. Heads are `{bench: [[seq, hash], ...]}`."""

    schema: int
    sender: str
    at: str
    scope: str  # whole, since, lot, packs
    lot: str = ""
    since: str = ""  # bag of the receipt the delta starts from
    heads_from: dict[str, Any] = msgspec.field(default_factory=dict)
    heads_to: dict[str, Any] = msgspec.field(default_factory=dict)
    events: int
    events_sha256: str
    attachments: int = 0
    software: str = ""
    certificate: dict[str, Any] = msgspec.field(default_factory=dict)  # of the sender


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: msgspec.Raw
    key: str
    signature: str


_LINES = msgspec.json.Decoder(_Line)


def write_line(signed: Signed) -> bytes:
    """An event as a line: its bytes unchanged, its signer, its signature."""
    return _spell(signed.body, signed.public, signed.signature)


def _spell(body: bytes, public: bytes, signature: bytes) -> bytes:
    """The one spelling a reader accepts."""
    return b'{"event":%s,"key":"%s","signature":"%s"}\n' % (
        body,
        public.hex().encode(),
        signature.hex().encode(),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A line taken apart: the event's bytes, its signer's key, the signature, its hash."""

    body: bytes
    public: bytes
    signature: bytes
    hash: bytes

    def event(self) -> Signed:
        """The event, well formed. Raises `RecordsError` as `event.parse` does."""
        return self._signed(event.parse(self.body))

    def stored_event(self) -> Signed:
        """The event of bytes a store holds already: they were checked when they came in."""
        return self._signed(event.parse_stored(self.body))

    def _signed(self, parsed: Event) -> Signed:
        if keys.key_id(self.public) != parsed.bench:
            raise RecordsError("signature_wrong", bench=parsed.bench[:8], seq=parsed.seq)
        return Signed(parsed, self.body, self.public, self.signature)


def read_line(line: bytes) -> Line:
    """Take a line apart (without its line end). Raises `RecordsError` (`line_unreadable`)."""
    try:
        parts = _LINES.decode(line)
        body = bytes(parts.event)
        public, signature = bytes.fromhex(parts.key), bytes.fromhex(parts.signature)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise RecordsError("line_unreadable") from None
    if len(public) != 32 or len(signature) != 64:
        raise RecordsError("line_unreadable")
    if _spell(body, public, signature) != line + b"\n":
        raise RecordsError("line_unreadable")
    return Line(body, public, signature, hashlib.sha256(body).digest())


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split a stream into lines, refusing one that is too long or has no end."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if len(line) > MAX_LINE:
                raise RecordsError("line_too_long", limit=MAX_LINE)
            yield line
        if len(rest) > MAX_LINE:
            raise RecordsError("line_too_long", limit=MAX_LINE)
    if rest:
        raise RecordsError("line_unreadable")


def hashes_in(body: bytes) -> set[str]:
    """What looks like the hash of a file in an event's bytes."""
    return {name.decode() for name in _NAMED_HASH.findall(body)}


def write_manifest(hashes: dict[str, str]) -> bytes:
    """RFC 8493 section 2.1.3: `<sha256>  <path>`, by path."""
    return "".join(f"{sha}  {name}\n" for name, sha in sorted(hashes.items())).encode()


def read_manifest(raw: bytes) -> dict[str, str]:
    """The hashes of a manifest by path. Raises `RecordsError` (`manifest_unreadable`)."""
    found: dict[str, str] = {}
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        raise RecordsError("manifest_unreadable") from None
    for line in text.splitlines():
        match = _MANIFEST_LINE.fullmatch(line)
        if not match or match[2] in found:
            raise RecordsError("manifest_unreadable")
        found[match[2]] = match[1]
    if write_manifest(found) != raw:
        raise RecordsError("manifest_unreadable")
    return found


def write_info(sender: str, day: str, size: int, count: int, software: str) -> bytes:
    """RFC 8493 section 2.2.2: what a person or a repository reads first."""
    return (
        f"Source-Organization: {sender}\n"
        f"Bagging-Date: {day}\n"
        f"Payload-Oxum: {size}.{count}\n"
        f"Bag-Software-Agent: {software}\n"
    ).encode()


def payload_oxum(raw: bytes) -> str:
    """The `octets.files` of a bag-info.txt, "" where it has none."""
    match = re.search(rb"^Payload-Oxum: (\d{1,15}\.\d{1,9})$", raw, re.MULTILINE)
    return match[1].decode() if match else ""


learn(Statement)
