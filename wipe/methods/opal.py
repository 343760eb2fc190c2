"""Opal revert by PSID, through sedutil-cli where it is installed (TCG Opal 2.01, 5.1).

The PSID stands on the drive's label only: somebody must have typed it in. SATA
drives need the kernel option `libata.allow_tpm=1`.
"""

from __future__ import annotations

from diagnostics.command import Runner
from wipe.methods.firmware import Poll, Started, sender, tail
from wipe.model.codes import Reason
from wipe.surface.context import WipeContext

_TOOL = "sedutil-cli"


def supported(runner: Runner, path: str) -> bool:
    """Whether the drive answers a TCG discovery with a locking function."""
    if not runner.has(_TOOL):
        return False
    done = runner.run([_TOOL, "--query", path], timeout_s=60)
    return done.exit_code == 0 and "Locking function" in done.text


class Revert:
    """One PSID revert: the drive throws its key away."""

    limit_s = 600.0
    remembers = False

    def __init__(self, runner: Runner, path: str, psid: str | None) -> None:
        self._run, self._path, self._psid = sender(runner), path, psid
        self._done = False

    def prepare(self, context: WipeContext) -> Reason | None:
        """Nothing to do."""
        return None

    def start(self) -> Started:
        """Answers within seconds."""
        if not self._psid:
            return Started(accepted=False, detail="no PSID was given")
        option = "--yesIreallywanttoERASEALLmydatausingthePSID"
        done = self._run(_TOOL, option, self._psid, self._path, limit_s=self.limit_s)
        self._done = done.exit_code == 0 and "complete" in done.text.lower()
        return Started(accepted=self._done, detail=tail(done), finished=self._done)

    def poll(self) -> Poll:
        """The command answers when it is done."""
        return Poll(known=True, success=self._done)

    def leave_failure(self) -> None:
        """Nothing stays behind."""
