"""ATA SANITIZE DEVICE and SECURITY ERASE UNIT, through hdparm; its words parsed here.

ACS-4: 7.12 (IDENTIFY DEVICE words 59, 82, 89, 90, 119, 128), 7.36 (SANITIZE),
7.43 to 7.48 (SECURITY). hdparm prints state and progress of SANITIZE STATUS EXT;
in the failed state (SD3) the status command itself fails, with the reason on
standard error.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from diagnostics.command import Completed, Runner
from wipe.methods.firmware import Poll, Started, note_state, sender, tail
from wipe.model.capabilities import Security
from wipe.model.codes import Code, Reason, because
from wipe.model.spec import Method
from wipe.surface.context import WipeContext

SURE = "--yes-i-know-what-i-am-doing"
_SANITIZE = {
    Method.ATA_SANITIZE_CRYPTO: ("--sanitize-crypto-scramble",),
    Method.ATA_SANITIZE_BLOCK: ("--sanitize-block-erase",),
    # One pass of a fixed pattern; the count says how often, 0 would mean 16.
    Method.ATA_SANITIZE_OVERWRITE: (
        "--sanitize-overwrite-passes", "1", "--sanitize-overwrite", "hex:00000000",
    ),
}  # fmt: skip


def parse_identify(text: str) -> tuple[int, ...] | None:
    """The 256 words of `hdparm --Istdout`; `None` when they are not all there."""
    words = re.findall(r"(?<![0-9a-zA-Z/:])[0-9a-fA-F]{4}(?![0-9a-zA-Z:])", text)
    return tuple(int(word, 16) for word in words) if len(words) == 256 else None


def sanitize_features(words: tuple[int, ...]) -> tuple[str, ...]:
    """Word 59: bit 12 the feature set, 13 crypto scramble, 14 overwrite, 15 block erase."""
    if not words[59] & 1 << 12:
        return ()
    bits = {"crypto": 13, "overwrite": 14, "block": 15}
    return tuple(name for name, bit in bits.items() if words[59] & 1 << bit)


def security_features(words: tuple[int, ...]) -> Security | None:
    """Word 128, with the times of words 89 and 90; `None` when it is not a supported set."""
    status = words[128]
    if not status & 1 or not words[82] & 2:
        return None
    return Security(
        supported=True,
        enabled=bool(status & 2),
        locked=bool(status & 4),
        frozen=bool(status & 8),
        count_expired=bool(status & 16),
        enhanced=bool(status & 32),
        normal_minutes=_minutes(words[89]),
        enhanced_minutes=_minutes(words[90]),
    )


def visible_sectors(words: tuple[int, ...]) -> int:
    """What the host may address: words 100 to 103 (48 bit), else 60 and 61."""
    many = 100 if words[83] & 1 << 10 else 60
    wide = range(4 if many == 100 else 2)
    return sum(words[many + number] << 16 * number for number in wide)


def may_hide(words: tuple[int, ...]) -> bool:
    """Whether the drive knows any way to keep sectors from the host, or does not say.

    HPA word 82 bit 10, DCO word 83 bit 11, ACCESSIBLE MAX ADDRESS word 119 bit 8; both words
    count only where bits 15:14 of words 83 and 119 are 01b.
    """
    valid = all(words[number] >> 14 == 1 for number in (83, 119))
    return not valid or bool(words[82] & 1 << 10 or words[83] & 1 << 11 or words[119] & 1 << 8)


def _minutes(word: int) -> int | None:
    """Bit 15: fifteen bits in units of two minutes; else eight bits (ACS-3). 0: not said."""
    units = word & 0x7FFF if word & 0x8000 else word & 0xFF
    return units * 2 or None


def parse_sanitize_status(stdout: str, stderr: str) -> Poll:
    """`hdparm --sanitize-status`: SD0 idle, SD1 frozen, SD2 in process, SD3 failed."""
    if "SD3" in stderr or "completed unsuccessfully" in stderr:
        return Poll(known=True, failed=True)
    state = re.search(r"State:\s+SD([0-9])", stdout)
    if state is None:
        return Poll()
    percent = re.search(r"Progress:\s+0x[0-9a-f]+\s+\(([0-9]{1,3})%\)", stdout)
    running = state.group(1) == "2"
    return Poll(
        known=True,
        running=running,
        percent=min(int(percent.group(1)), 100) if percent and running else None,
        success=not running and "Completed Without Error" in stdout,
    )


class Sanitize:
    """One SANITIZE operation."""

    remembers = True  # "completed without error" is set anew by each operation

    def __init__(self, runner: Runner, path: str, method: Method, size_bytes: int) -> None:
        self._run, self._path, self._words = sender(runner), path, _SANITIZE[method]
        slow = method is Method.ATA_SANITIZE_OVERWRITE
        # The slowest disks write 30 MB/s on average; crypto and block erase take minutes.
        self.limit_s = 3600.0 + (size_bytes / 30e6 if slow else 3600.0)

    def prepare(self, context: WipeContext) -> Reason | None:
        """Keep what the state was."""
        note_state(context, self.poll())
        return None

    def start(self) -> Started:
        """hdparm returns at once; a refused command ends with its error number."""
        done = self._run("hdparm", SURE, *self._words, self._path)
        text = done.text + done.stderr.decode("utf-8", "replace")
        refused = done.exit_code != 0 or "failed" in text.lower() or "not supported" in text
        return Started(accepted=not refused and "started in background" in text, detail=tail(done))

    def poll(self) -> Poll:
        """SANITIZE STATUS EXT."""
        done = self._run("hdparm", "--sanitize-status", self._path)
        return parse_sanitize_status(done.text, done.stderr.decode("utf-8", "replace"))

    def leave_failure(self) -> None:
        """Started without FAILURE MODE, so nothing but another SANITIZE leaves SD3 (ACS-4 7.36)."""


class SecurityErase:
    """SECURITY ERASE UNIT. The password is in the journal before the drive has it."""

    remembers = False  # no password may also mean that one was never set

    def __init__(self, runner: Runner, path: str, method: Method, security: Security) -> None:
        self._run, self._path, self._security = sender(runner), path, security
        self._enhanced = method is Method.ATA_SECURITY_ENHANCED
        minutes = security.enhanced_minutes if self._enhanced else security.normal_minutes
        # The drive's own time, doubled; drives that say nothing get twelve hours.
        self.limit_s = 2.0 * 60 * (minutes or 360) + 1800
        self._password = ""

    def prepare(self, context: WipeContext) -> Reason | None:
        """Journal a password, set it, and see that it is set."""
        if self._security.frozen:
            return None  # `start` is refused and says so
        self._password = "ETABLI-" + context.random(8).hex()
        context.note("password", password=self._password)
        done = self._hdparm("--security-set-pass")
        now = read_security(self._run, self._path)
        if now is None or not now.enabled:
            context.note("password_refused", detail=done)
            self._password = ""
        return because(Code.DISK_GONE) if context.gone() else None

    def _hdparm(self, option: str, limit_s: float = 60.0) -> str:
        words = ("hdparm", "--user-master", "u", option, self._password, self._path)
        return tail(self._run(*words, limit_s=limit_s))

    def start(self) -> Started:
        """Blocks until the drive has erased itself. Success clears the password (ACS-4 7.45)."""
        if not self._password:
            return Started(accepted=False, detail="the password could not be set")
        option = "--security-erase-enhanced" if self._enhanced else "--security-erase"
        detail = self._hdparm(option, self.limit_s)
        now = read_security(self._run, self._path)
        cleared = now is not None and not now.enabled
        accepted = detail.startswith("exit 0:") and cleared
        return Started(accepted=accepted, detail=detail, finished=accepted)

    def poll(self) -> Poll:
        """There is no state to ask for but the password: gone means done."""
        now = read_security(self._run, self._path)
        if now is None:
            return Poll()
        return Poll(known=True, success=not now.enabled, failed=now.enabled)

    def leave_failure(self) -> None:
        """Take the password off again; a drive must not be left locked."""
        if self._password:
            self._hdparm("--security-unlock")
            self._hdparm("--security-disable")


def read_security(run: Callable[..., Completed], path: str) -> Security | None:
    """The security word as the drive has it now."""
    done = run("hdparm", "--Istdout", path)
    words = parse_identify(done.text)
    return None if words is None else security_features(words)
