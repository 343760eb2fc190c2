"""SCSI SANITIZE (48h) and FORMAT UNIT (04h), through sg3_utils; sense data parsed here.

SBC-4 5.30, SPC-5 4.4 (sense data). Progress stands in the sense-key specific
bytes of REQUEST SENSE while the drive answers NOT READY; afterwards "no sense"
means done, and 31h/03h (31h/01h) that it failed. `sg_requests --raw` gives the bytes.
"""

from __future__ import annotations

from diagnostics.command import Runner
from wipe.methods.firmware import Poll, Started, note_state, sender, tail
from wipe.model.codes import Reason
from wipe.model.spec import Method, Target
from wipe.surface.context import WipeContext

_SANITIZE = {
    Method.SCSI_SANITIZE_BLOCK: ("--block",),
    Method.SCSI_SANITIZE_CRYPTO: ("--crypto",),
    Method.SCSI_SANITIZE_OVERWRITE: ("--overwrite", "--zero", "--count=1"),
}
# Service actions of opcode 48h, for REPORT SUPPORTED OPERATION CODES.
ACTIONS = {"overwrite": "0x48,0x1", "block": "0x48,0x2", "crypto": "0x48,0x3"}


def parse_sense(raw: bytes) -> Poll:
    """Fixed (70h, 71h) or descriptor (72h, 73h) sense data."""
    if len(raw) < 8:
        return Poll()
    kind = raw[0] & 0x7F
    if kind in (0x70, 0x71) and len(raw) >= 14:
        key, code, more = raw[2] & 0xF, (raw[12], raw[13]), raw[15:18]
    elif kind in (0x72, 0x73):
        key, code, more = raw[1] & 0xF, (raw[2], raw[3]), _specific(raw)
    else:
        return Poll()
    if code in ((0x31, 0x03), (0x31, 0x01)):
        return Poll(known=True, failed=True)
    if code in ((0x04, 0x1B), (0x04, 0x04)):  # sanitize, format in progress
        said = len(more) == 3 and bool(more[0] & 0x80)
        percent = int.from_bytes(more[1:3], "big") * 100 // 65536 if said else None
        return Poll(known=True, running=True, percent=percent)
    if key in (0, 1):  # no sense, recovered error
        return Poll(known=True, success=True)
    return Poll()


def _specific(raw: bytes) -> bytes:
    """The sense-key specific descriptor (type 02h) of descriptor sense data."""
    at = 8
    while at + 2 <= len(raw):
        kind, length = raw[at], raw[at + 1]
        if kind == 2 and at + 7 <= len(raw):
            return raw[at + 4 : at + 7]
        at += 2 + length
    return b""


def parse_blocks(raw: bytes) -> int | None:
    """How many blocks the block descriptor of MODE SENSE(10) tells; `None` where it does not.

    SPC-5 7.5.4 and 7.5.6: eight bytes of header, LONGLBA in byte 4, then the descriptor. All ones
    in the short one mean "more than fits"; 0 means nothing here.
    """
    if len(raw) < 16 or int.from_bytes(raw[6:8], "big") < 8:
        return None
    if raw[4] & 1:
        count = int.from_bytes(raw[8:16], "big")
        return count if 0 < count < (1 << 64) - 1 else None
    count = int.from_bytes(raw[8:12], "big")
    return count if 0 < count < 0xFFFFFFFF else None


def withheld(runner: Runner, target: Target) -> int | None:
    """Blocks the drive was made with beyond those it reports; `None` when it does not say.

    `sg_format --resize` and MODE SELECT take blocks away from READ CAPACITY and leave their
    content; the default block descriptor keeps the maker's number.
    """
    words = ["sg_modes", "--llbaa", "--control=2", "--page=0x3f", "--raw", target.path]
    done = runner.run(words, timeout_s=30)
    made = parse_blocks(done.stdout) if done.exit_code == 0 else None
    reported = target.size_bytes // target.logical_sector_bytes
    return None if made is None else max(made - reported, 0)


def supported(runner: Runner, path: str, opcode: str) -> bool:
    """REPORT SUPPORTED OPERATION CODES for one opcode: 011b, as the standard has it.

    `opcode` is "0x48,0x2": sg_opcodes takes bare digits for decimal, and 48 is another command.
    """
    done = runner.run(["sg_opcodes", f"--opcode={opcode}", path], timeout_s=30)
    text = done.text.lower()
    return done.exit_code == 0 and "supported" in text and "not supported" not in text


class Sanitize:
    """SANITIZE with IMMED, then REQUEST SENSE until it is over."""

    remembers = False  # sense data without a complaint say nothing of what was before

    def __init__(self, runner: Runner, path: str, method: Method, size_bytes: int) -> None:
        self._run, self._path, self._words = sender(runner), path, _SANITIZE[method]
        slow = method is Method.SCSI_SANITIZE_OVERWRITE
        self.limit_s = 7200.0 + (size_bytes / 30e6 if slow else 0.0)

    def prepare(self, context: WipeContext) -> Reason | None:
        """Keep what the state was."""
        note_state(context, self.poll())
        return None

    def start(self) -> Started:
        """`--early`: leave it running; `--quick`: no fifteen seconds to think again."""
        done = self._run("sg_sanitize", *self._words, "--early", "--quick", self._path)
        return Started(accepted=done.exit_code == 0, detail=tail(done))

    def poll(self) -> Poll:
        """REQUEST SENSE, and TEST UNIT READY before success is believed."""
        done = self._run("sg_requests", "--raw", self._path)
        seen = parse_sense(done.stdout)
        if seen.success and self._run("sg_turs", self._path).exit_code != 0:
            return Poll()
        return seen

    def leave_failure(self) -> None:
        """EXIT FAILURE MODE, service action 1Fh."""
        self._run("sg_sanitize", "--fail", "--quick", self._path)


class Format(Sanitize):
    """FORMAT UNIT with IMMED; the same sense data tell its progress."""

    def __init__(self, runner: Runner, path: str, size_bytes: int) -> None:
        super().__init__(runner, path, Method.SCSI_SANITIZE_OVERWRITE, size_bytes)

    def start(self) -> Started:
        """Keeps block size and protection as they are."""
        done = self._run("sg_format", "--format", "--early", "--quick", self._path)
        return Started(accepted=done.exit_code == 0, detail=tail(done))

    def leave_failure(self) -> None:
        """Nothing but another FORMAT UNIT leaves a format that failed."""
