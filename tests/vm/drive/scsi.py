"""The SCSI face of the drive: `Drive.execute(cdb, data_out) -> Reply` (SPC, SBC, SAT)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from tests.vm.drive import ata, sat, vpd
from tests.vm.drive.core import Core
from tests.vm.drive.media import SECTOR, MediumError

GOOD, CHECK_CONDITION = 0x00, 0x02
RECOVERED, NOT_READY, MEDIUM, HARDWARE = 0x01, 0x02, 0x03, 0x04
ILLEGAL_REQUEST, DATA_PROTECT, ABORTED = 0x05, 0x07, 0x0B


@dataclasses.dataclass(frozen=True)
class Reply:
    """SCSI status, sense data (96 bytes at most), data for the host."""

    status: int = GOOD
    sense: bytes = b""
    data: bytes = b""


def fixed(
    key: int,
    code: int,
    qualifier: int = 0,
    *,
    sector: int | None = None,
    progress: int | None = None,
) -> bytes:
    """Fixed format sense data; `sector` in INFORMATION, progress in SENSE KEY SPECIFIC."""
    sense = bytearray(18)
    sense[0], sense[2], sense[7], sense[12], sense[13] = 0x70, key, 10, code, qualifier
    if sector is not None:
        sense[0] |= 0x80
        sense[3:7] = (sector & 0xFFFFFFFF).to_bytes(4, "big")
    if progress is not None:
        sense[15] = 0x80
        sense[16:18] = progress.to_bytes(2, "big")
    return bytes(sense)


def refuse(key: int, code: int, qualifier: int = 0, *, sector: int | None = None) -> Reply:
    return Reply(CHECK_CONDITION, fixed(key, code, qualifier, sector=sector))


INVALID_COMMAND = refuse(ILLEGAL_REQUEST, 0x20)
INVALID_FIELD = refuse(ILLEGAL_REQUEST, 0x24)
OUT_OF_RANGE = refuse(ILLEGAL_REQUEST, 0x21)

READS = {0x08: 6, 0x28: 10, 0xA8: 12, 0x88: 16}
WRITES = {0x0A: 6, 0x2A: 10, 0xAA: 12, 0x8A: 16, 0x2E: 10, 0x8E: 16}
VERIFIES = {0x2F: 10, 0xAF: 12, 0x8F: 16}
EXTENTS = {**READS, **WRITES, **VERIFIES}
# What answers although SANITIZE or FORMAT runs, or SANITIZE failed (SBC, sanitize).
ALWAYS = {0x12, 0x03, 0xA0, 0x48}
SANITIZE_NAMES = {0x01: "overwrite", 0x02: "block", 0x03: "crypto"}


def extent(cdb: bytes) -> tuple[int, int]:
    """First sector and number of sectors of a READ, WRITE or VERIFY CDB."""
    size = EXTENTS[cdb[0]]
    if size == 6:
        return int.from_bytes(cdb[1:4], "big") & 0x1FFFFF, cdb[4] or 256
    if size == 10:
        return int.from_bytes(cdb[2:6], "big"), int.from_bytes(cdb[7:9], "big")
    if size == 12:
        return int.from_bytes(cdb[2:6], "big"), int.from_bytes(cdb[6:10], "big")
    return int.from_bytes(cdb[2:10], "big"), int.from_bytes(cdb[10:14], "big")


def takes_data(cdb: bytes) -> bool:
    """Whether the host sends data with this command."""
    if cdb[0] in (sat.PASS_12, sat.PASS_16):
        return not cdb[2] & 0x08 and bool(cdb[2] & 0x03)  # T_DIR, T_LENGTH
    return cdb[0] in WRITES or cdb[0] in (0x04, 0x48, 0x15, 0x55)


class Drive:
    """A drive on its SCSI side. One command at a time."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self._obeys: dict[int, Callable[[bytes, bytes], Reply]] = {
            0x00: lambda _cdb, _data: Reply(),  # TEST UNIT READY
            0x03: self._request_sense,
            0x04: self._format,
            0x12: self._inquiry,
            0x1A: self._mode_sense,
            0x5A: self._mode_sense,
            0x15: lambda _cdb, _data: Reply(),  # MODE SELECT: nothing here can be changed
            0x55: lambda _cdb, _data: Reply(),
            0x1B: lambda _cdb, _data: Reply(),  # START STOP UNIT
            0x25: self._capacity_10,
            0x9E: self._capacity_16,
            0x35: self._flush,
            0x91: self._flush,
            0x48: self._sanitize,
            0xA0: lambda _cdb, _data: Reply(data=(8).to_bytes(4, "big") + bytes(12)),
            0xA3: self._supported,
            sat.PASS_12: self._pass_through,
            sat.PASS_16: self._pass_through,
            **dict.fromkeys(READS, self._read),
            **dict.fromkeys(WRITES, self._write),
            **dict.fromkeys(VERIFIES, self._verify),
        }
        if not core.profile.ata:
            for code in (sat.PASS_12, sat.PASS_16):
                del self._obeys[code]
        else:
            del self._obeys[0x48]
        if not core.profile.format_unit:
            del self._obeys[0x04]

    def execute(self, cdb: bytes, data_out: bytes = b"") -> Reply:
        """Obey one command. Never raises on a malformed one."""
        self.core.advance()
        obey = self._obeys.get(cdb[0])
        if obey is None:
            return INVALID_COMMAND
        cdb = cdb.ljust(16, b"\0")
        if self.core.state.offline:
            return refuse(NOT_READY, 0x04, 0x03)  # manual intervention required
        if cdb[0] not in ALWAYS and cdb[0] not in (sat.PASS_12, sat.PASS_16):
            standing = self._standing()
            if standing is not None:
                return Reply(CHECK_CONDITION, standing)
        try:
            return obey(cdb, data_out)
        except MediumError as error:
            code = 0x0C if error.writing else 0x11
            return refuse(MEDIUM, code, sector=error.sector)

    def _standing(self) -> bytes | None:
        """Sense data that keeps a drive from its work, or `None`."""
        state, progress = self.core.state, self.core.progress
        if state.work is not None:
            qualifier = 0x1B if state.work == "sanitize" else 0x04
            return fixed(NOT_READY, 0x04, qualifier, progress=progress)
        if state.sanitize_failed:
            return fixed(MEDIUM, 0x31, 0x03)
        return None

    def _request_sense(self, cdb: bytes, _data: bytes) -> Reply:
        return Reply(data=(self._standing() or fixed(0, 0))[: cdb[4]])

    def _inquiry(self, cdb: bytes, _data: bytes) -> Reply:
        length = int.from_bytes(cdb[3:5], "big")
        page = vpd.vital(self.core, cdb[2]) if cdb[1] & 1 else vpd.standard(self.core)
        return INVALID_FIELD if page is None else Reply(data=page[:length])

    def _mode_sense(self, cdb: bytes, _data: bytes) -> Reply:
        """Error recovery, caching and control pages; WCE is set where the cache is volatile."""
        recovery = bytes([0x01, 0x0A, 0xC0, 8]) + bytes(8)
        caching = bytes([0x08, 0x12, 0x04 if self.core.profile.volatile_cache else 0])
        caching += bytes(17)
        control = bytes([0x0A, 0x0A]) + bytes(10)
        by_code = {0x01: recovery, 0x08: caching, 0x0A: control}
        pages = {**by_code, 0x3F: recovery + caching + control}.get(cdb[2] & 0x3F)
        if pages is None:
            return INVALID_FIELD
        blocks = min(self.core.visible, 0xFFFFFFFF).to_bytes(4, "big")
        described = b"" if cdb[1] & 0x08 else blocks + SECTOR.to_bytes(4, "big")  # DBD
        length = len(described)
        pages = described + pages
        if cdb[0] == 0x1A:
            return Reply(data=(bytes([len(pages) + 3, 0, 0x10, length]) + pages)[: cdb[4]])
        head = (len(pages) + 6).to_bytes(2, "big") + bytes([0, 0x10, 0, 0, 0, length])
        return Reply(data=(head + pages)[: int.from_bytes(cdb[7:9], "big")])

    def _capacity_10(self, _cdb: bytes, _data: bytes) -> Reply:
        last = min(self.core.visible - 1, 0xFFFFFFFF)
        return Reply(data=last.to_bytes(4, "big") + SECTOR.to_bytes(4, "big"))

    def _capacity_16(self, cdb: bytes, _data: bytes) -> Reply:
        if cdb[1] & 0x1F != 0x10:
            return INVALID_COMMAND
        last = (self.core.visible - 1).to_bytes(8, "big")
        page = last + SECTOR.to_bytes(4, "big") + bytes([0, 3]) + bytes(18)
        return Reply(data=page[: int.from_bytes(cdb[10:14], "big")])

    def _flush(self, _cdb: bytes, _data: bytes) -> Reply:
        self.core.media.flush()
        return Reply()

    def _bounds(self, cdb: bytes) -> tuple[int, int] | Reply:
        first, count = extent(cdb)
        if self.core.state.locked:
            return refuse(DATA_PROTECT, 0x74, 0x71)  # access not authorized
        if self.core.state.format_broken:
            return refuse(MEDIUM, 0x31, 0x00)  # medium format corrupted
        if first + count > self.core.visible:
            return OUT_OF_RANGE
        return first, count

    def _read(self, cdb: bytes, _data: bytes) -> Reply:
        place = self._bounds(cdb)
        return place if isinstance(place, Reply) else Reply(data=self.core.read(*place))

    def _write(self, cdb: bytes, data: bytes) -> Reply:
        place = self._bounds(cdb)
        if isinstance(place, Reply):
            return place
        if len(data) < place[1] * SECTOR:
            return INVALID_FIELD
        self.core.write(place[0], data[: place[1] * SECTOR])
        if cdb[0] not in (0x0A, 0x2E, 0x8E) and cdb[1] & 0x08:  # FUA
            self.core.media.flush()
        return Reply()

    def _verify(self, cdb: bytes, _data: bytes) -> Reply:
        place = self._bounds(cdb)
        if isinstance(place, Reply):
            return place
        self.core.read(*place)
        return Reply()

    def _sanitize(self, cdb: bytes, data: bytes) -> Reply:
        """SANITIZE 48h: overwrite, block erase, cryptographic erase, exit failure mode."""
        state = self.core.state
        action = cdb[1] & 0x1F
        if action == 0x1F:
            if state.sanitize_failed and state.failure_allowed:
                state.sanitize_failed = False
                self.core.save()
                return Reply()
            return INVALID_FIELD
        name = SANITIZE_NAMES.get(action)
        if name not in self.core.profile.sanitize:
            return INVALID_FIELD
        if state.work is not None:
            return Reply(CHECK_CONDITION, self._standing() or b"")
        pattern = int.from_bytes(data[4:8].ljust(4, b"\0"), "big") if name == "overwrite" else 0
        allowed = bool(cdb[1] & 0x20)  # AUSE
        self.core.begin("sanitize", name or "", pattern=pattern, failure_allowed=allowed)
        if not cdb[1] & 0x80:  # IMMED
            self._wait()
        return Reply()

    def _format(self, cdb: bytes, data: bytes) -> Reply:
        """FORMAT UNIT: IMMED is in the parameter list, bit 1 of its second byte."""
        self.core.begin("format", "block", pattern=0, failure_allowed=True)
        immediate = bool(cdb[1] & 0x10) and len(data) > 1 and bool(data[1] & 0x02)
        if not immediate:
            self._wait()
        return Reply()

    def _wait(self) -> None:
        while self.core.state.work is not None:
            self.core.clock.sleep(0.1)
            self.core.advance()

    def _supported(self, cdb: bytes, _data: bytes) -> Reply:
        """REPORT SUPPORTED OPERATION CODES: all, or one (with its service action)."""
        if cdb[1] & 0x1F != 0x0C:
            return INVALID_FIELD
        length = int.from_bytes(cdb[6:10], "big")
        if cdb[2] & 7 == 0:
            rows = b"".join(
                bytes([code, 0, 0, 0, 0, 0, 0, 16 if code >= 0x80 else 10]) for code in self._obeys
            )
            return Reply(data=(len(rows).to_bytes(4, "big") + rows)[:length])
        known = cdb[3] in self._obeys
        if known and cdb[3] == 0x48:
            action = cdb[5] & 0x1F
            named = SANITIZE_NAMES.get(action) in self.core.profile.sanitize
            known = named or action == 0x1F
        head = bytes([0, 3 if known else 1, 0, 16 if known else 0])
        return Reply(data=(head + (bytes([cdb[3]]) + bytes(15) if known else b""))[:length])

    def _pass_through(self, cdb: bytes, data: bytes) -> Reply:
        passed = sat.decode(cdb)
        if passed is None:
            return INVALID_FIELD
        answer = ata.execute(self.core, passed.taskfile, data)
        if answer.failed or passed.want_registers:
            sense = sat.sense(answer, extended=passed.taskfile.extended)
            return Reply(CHECK_CONDITION, sense, answer.data)
        return Reply(data=answer.data)
