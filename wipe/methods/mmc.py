"""eMMC: erase the user area, then SANITIZE; or secure discard. mmc-utils and blkdiscard.

The boot areas are left as they are: firmware of the board may start from them, and a
machine that starts no more helps nobody. The claim says so (`Code.BOOT_AREAS_LEFT`).

JEDEC JESD84-B51: 6.6.9 to 6.6.13, EXT_CSD[231] SEC_FEATURE_SUPPORT (bit 0 secure
erase, bit 6 sanitize). SANITIZE only cleans what is unmapped, hence the erase
before it (Linux commit 283028122db3).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from diagnostics.command import Runner
from wipe.methods.firmware import Poll, Started, sender, tail
from wipe.model.capabilities import Capabilities, Holds
from wipe.model.codes import Reason
from wipe.model.spec import Method
from wipe.surface.context import WipeContext


def parse_features(text: str) -> int | None:
    """SEC_FEATURE_SUPPORT of `mmc extcsd read`."""
    found = re.search(r"\[SEC_FEATURE_SUPPORT\]:\s*0x([0-9a-fA-F]{2})", text)
    return int(found.group(1), 16) if found else None


def read_features(runner: Runner, path: str) -> Capabilities:
    """Erase features of an eMMC."""
    holds = count_areas(runner, path)
    if not runner.has("mmc"):
        return Capabilities(tools_missing=("mmc",), holds=holds)
    done = runner.run(["mmc", "extcsd", "read", path], timeout_s=60)
    bits = parse_features(done.text)
    if bits is None:
        return Capabilities(holds=holds)
    return Capabilities(
        read=True,
        sanitize=("block",) if bits & 0x40 else (),
        secure_discard=bool(bits & 0x01),
        holds=holds,
    )


def count_areas(runner: Runner, path: str) -> Holds:
    """Hardware areas beside the user area, as the kernel shows them: general purpose, RPMB."""
    name = PurePosixPath(path).name
    blocks = runner.names("/sys/class/block") or ()
    size = runner.read(f"/sys/class/block/{name}/device/raw_rpmb_size_mult").text or "0"
    return Holds(
        gp_areas=sum(
            re.fullmatch(rf"{re.escape(name)}gp\d+", block) is not None for block in blocks
        ),
        rpmb_areas=int(re.fullmatch(r"0(x0+)?", size) is None or f"{name}rpmb" in blocks),
    )


class Erase:
    """Erase the user area, then SANITIZE; or one secure discard. Each blocks until done."""

    limit_s = 2 * 3600.0
    remembers = False

    def __init__(self, runner: Runner, path: str, method: Method) -> None:
        self._run, self._path = sender(runner), path
        self._sanitize = method is Method.MMC_SANITIZE
        self._done = False

    def prepare(self, context: WipeContext) -> Reason | None:
        """Nothing to do."""
        return None

    def start(self) -> Started:
        """blkdiscard, then `mmc sanitize`; each must answer."""
        secure = () if self._sanitize else ("--secure",)
        done = self._run("blkdiscard", "-f", *secure, self._path, limit_s=self.limit_s)
        if done.exit_code == 0 and self._sanitize:
            done = self._run("mmc", "sanitize", self._path, limit_s=self.limit_s)
        self._done = done.exit_code == 0
        return Started(accepted=self._done, detail=tail(done), finished=self._done)

    def poll(self) -> Poll:
        """The commands answer when they are done; a resumed job starts anew."""
        return Poll(known=True, success=self._done)

    def leave_failure(self) -> None:
        """Nothing stays behind."""
