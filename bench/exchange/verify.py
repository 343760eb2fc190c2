"""Says whether a bag is whole and genuine, who made it and when, or what is wrong."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import msgspec

from bench.exchange import contents
from bench.exchange.archive import open_file
from bench.exchange.reading import Bag
from bench.exchange.signers import Answer, Signers
from bench.records.errors import RecordsError
from bench.records.signed import fingerprint

_MAX_NAMED = 20
# Of a bad file: a bomb is not worth finding out more, and its directory is read at once.
_MAX_UNPACKED_BYTES = 256 << 20
_MAX_FILE_BYTES = 256 << 20


class BagFinding(msgspec.Struct, frozen=True):
    """One thing that is wrong: its code and what its sentence needs."""

    code: str
    values: dict[str, object]


class Who(msgspec.Struct, frozen=True):
    """Who sealed the bag; `fingerprint` is the workshop's, to compare by voice."""

    bench: str
    name: str = ""
    workshop: str = ""
    fingerprint: str = ""
    workshops: tuple[str, ...] = ()  # all that certified it, by the bag

    def known_to(self, signers: Signers) -> tuple[Answer, tuple[str, ...]]:
        """What is made of a whole bag by who sealed it, with the code of why."""
        if self.bench in signers.revoked:
            return Answer.BAD, ("signer_revoked",)
        if self.bench in signers.trusted or signers.workshops & set(self.workshops):
            return Answer.KNOWN, ()
        return Answer.UNKNOWN, ("signer_unknown",)


class What(msgspec.Struct, frozen=True):
    """What is in it."""

    scope: str
    events: int
    benches: int
    machines: int
    attachments: int


class Verification(msgspec.Struct, frozen=True):
    """`whole` only when every byte, hash and signature was checked and holds.

    Whether who sealed it is known is another question: `Who.known_to`.
    """

    whole: bool
    findings: tuple[BagFinding, ...] = ()
    who: Who | None = None
    when: str = ""
    what: What | None = None


def verify_bag(path: Path) -> Verification:
    """Check a bag alone, without a store. Never raises for what is in the file."""
    try:
        with Bag(path) as bag:
            what = _count(bag)
            return Verification(True, (), _who(bag), bag.statement.at, what)
    except RecordsError as error:
        first = BagFinding(error.code, dict(error.values))
        return Verification(False, (first, *_which_members(path)))


def _count(bag: Bag) -> What:
    benches: set[str] = set()
    machines: set[str] = set()
    count = 0
    for signed, _ in bag.signed_events():
        count += 1
        benches.add(signed.event.bench)
        if signed.event.device:
            machines.add(signed.event.device)
    files = sum(name.startswith(contents.ATTACHMENTS) for name in bag.archive.sizes)
    return What(bag.statement.scope, count, len(benches), len(machines), files)


def _who(bag: Bag) -> Who:
    certificate = bag.certificate(bag.sender)
    if certificate is None:
        return Who(bag.sender)
    public = bytes.fromhex(certificate.workshop_key)
    workshops = tuple({each.workshop: None for each in bag.certificates[bag.sender]})
    shown = fingerprint.show(public)
    return Who(bag.sender, certificate.name, certificate.workshop, shown, workshops)


def _which_members(path: Path) -> list[BagFinding]:
    """Of a file that is still a zip, the members whose content does not fit its checksum."""
    found: list[BagFinding] = []
    left = _MAX_UNPACKED_BYTES
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            return found
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            for info in archive.infolist()[:1000]:
                if len(found) >= _MAX_NAMED or left <= 0:
                    break
                good, size = _reads(archive, info, left)
                left -= size
                if not good:
                    found.append(BagFinding("member_altered", {"name": ascii(info.filename[:100])}))
    except (zipfile.BadZipFile, RecordsError, OSError, ValueError, NotImplementedError):
        return found
    return found


def _reads(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> tuple[bool, int]:
    """Whether it reads as far as the limit, and how much of it did."""
    size = 0
    try:
        with archive.open(info) as member:
            while size < limit and (part := member.read(1 << 20)):
                size += len(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError):
        return False, size
    except NotImplementedError:
        return False, size
    return True, size
