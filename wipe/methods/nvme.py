"""NVMe SANITIZE and FORMAT NVM, through nvme-cli; raw structures parsed here.

NVMe base specification 2.0: 5.24 (Sanitize), 5.16.1.20 (log 81h), 5.17.2.1
(Identify Controller: OACS 256, SANICAP 328, FNA 524), 5.14 (Format NVM).
Raw structures, because the JSON of nvme-cli changed its shape between 1.x, 2.0
and 2.5. The commands go to the controller, found through sysfs: its number is
not the namespace's.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from diagnostics.command import Runner
from wipe.methods.firmware import Poll, Started, note_state, sender, tail
from wipe.model.codes import Reason
from wipe.model.spec import Method
from wipe.surface.context import WipeContext

_ACTIONS = {
    Method.NVME_SANITIZE_BLOCK: "2",
    Method.NVME_SANITIZE_OVERWRITE: "3",
    Method.NVME_SANITIZE_CRYPTO: "4",
}
_EVERY_NAMESPACE = "0xffffffff"


class Controller(msgspec.Struct, frozen=True):
    """What Identify Controller says of erasing."""

    sanitize: tuple[str, ...]
    format: bool
    format_crypto: bool


def parse_controller(raw: bytes) -> Controller | None:
    """Identify Controller, 4096 bytes; `None` when it is not."""
    if len(raw) < 4096:
        return None
    sanicap = int.from_bytes(raw[328:332], "little")
    oacs = int.from_bytes(raw[256:258], "little")
    fna = raw[524]
    bits = {"crypto": 0, "block": 1, "overwrite": 2}
    return Controller(
        sanitize=tuple(name for name, bit in bits.items() if sanicap & 1 << bit),
        format=bool(oacs & 2),
        format_crypto=bool(oacs & 2) and bool(fna & 4),
    )


def parse_sanitize_log(raw: bytes) -> Poll:
    """Log 81h: SPROG (bytes 0-1, of 65536), SSTAT (2-3): 1 done, 2 running, 3 failed, 4 done.

    SSTAT bit 11, PRGD: the operation purged as IEEE 2883 has it, because PREQ asked for that
    (nvme-log-sanitize(1)); without PREQ it stays 0.
    """
    if len(raw) < 8:
        return Poll()
    progress, status = int.from_bytes(raw[0:2], "little"), raw[2] & 7
    return Poll(
        known=status <= 4,
        running=status == 2,
        percent=progress * 100 // 65536 if status == 2 else None,
        success=status in (1, 4),
        failed=status == 3,
        attested=status in (1, 4) and bool(raw[3] & 8),
    )


def controller_of(runner: Runner, path: str) -> str | None:
    """`/dev/nvme0` of `/dev/nvme0n1`; with multipath, the first controller of the subsystem."""
    base = f"/sys/class/block/{PurePosixPath(path).name}/device"
    real = runner.link(base)
    if real is None:
        return None
    name = PurePosixPath(real).name
    if not name.startswith("nvme-subsys"):
        return f"/dev/{name}"
    inside = [name for name in runner.names(real) or () if name.startswith("nvme")]
    names = [name for name in inside if "n" not in name[4:]]
    return f"/dev/{names[0]}" if names else None


def identify(runner: Runner, device: str) -> bytes:
    """Identify Controller, as the drive gives it; empty when it does not answer."""
    return runner.run(["nvme", "id-ctrl", device, "--raw-binary"], timeout_s=60).stdout


class Sanitize:
    """One sanitize of the whole NVM subsystem."""

    remembers = True  # the log is of the most recent operation and survives power cuts

    def __init__(self, runner: Runner, device: str, method: Method, size_bytes: int) -> None:
        self._run, self._device, self._action = sender(runner), device, _ACTIONS[method]
        slow = method is Method.NVME_SANITIZE_OVERWRITE
        self.limit_s = 7200.0 + (size_bytes / 50e6 if slow else 0.0)

    def prepare(self, context: WipeContext) -> Reason | None:
        """Leave an old failure first: a drive in it takes nothing else."""
        before = self.poll()
        note_state(context, before)
        if before.failed:
            self.leave_failure()
        return None

    def start(self) -> Started:
        """Admin command 84h, asking for a purge or nothing (PREQ) where tool and drive know it."""
        words = ["nvme", "sanitize", self._device, f"--sanact={self._action}"]
        if self._action == "3":
            words += ["--owpass=1", "--ovrpat=0"]
        done = self._run(*words, "--preq") if self._knows_preq() else None
        if done is None or (done.exit_code not in (0, None) and done.problem is None):
            done = self._run(*words)  # a drive before NVMe 2.2 may refuse the bit
        return Started(accepted=done.exit_code == 0, detail=tail(done))

    def _knows_preq(self) -> bool:
        """nvme-cli has the option since 3.0."""
        done = self._run("nvme", "sanitize", "--help")
        return b"--preq" in done.stdout + done.stderr

    def poll(self) -> Poll:
        """Sanitize Status log; it survives resets and power cuts."""
        done = self._run("nvme", "sanitize-log", self._device, "--raw-binary")
        return parse_sanitize_log(done.stdout) if done.exit_code == 0 else Poll()

    def leave_failure(self) -> None:
        """Exit Failure Mode: action 1."""
        self._run("nvme", "sanitize", self._device, "--sanact=1")


class Format:
    """FORMAT NVM on every namespace; blocks until the drive answers."""

    limit_s = 6 * 3600.0
    remembers = False

    def __init__(self, runner: Runner, device: str, method: Method) -> None:
        self._run, self._device = sender(runner), device
        self._ses = "2" if method is Method.NVME_FORMAT_CRYPTO else "1"
        self._done = False

    def prepare(self, context: WipeContext) -> Reason | None:
        """Nothing to do."""
        return None

    def start(self) -> Started:
        """Admin command 80h with SES 1 (user data erase) or 2 (cryptographic erase)."""
        done = self._run(
            "nvme", "format", self._device, f"--namespace-id={_EVERY_NAMESPACE}",
            f"--ses={self._ses}", "--force", f"--timeout={int(self.limit_s * 1000)}",
            limit_s=self.limit_s,
        )  # fmt: skip
        self._done = done.exit_code == 0
        return Started(self._done, tail(done), finished=self._done, all_namespaces=self._done)

    def poll(self) -> Poll:
        """The command answers when it is done; a resumed job starts it anew."""
        return Poll(known=True, success=self._done)

    def leave_failure(self) -> None:
        """A format leaves no state behind."""
