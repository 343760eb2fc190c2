"""The TPM as the kernel sees it. Not seen is not absent: it may be off in the BIOS."""

from __future__ import annotations

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.model import Tpm
from diagnostics.sources.coerce import integer

FOLDER = "/sys/class/tpm"


def read(runner: Runner) -> Findings:
    """Presence and version (`tpm_version_major`, kernel 5.6 and later)."""
    names = runner.names(FOLDER) or ()
    if not any(name.startswith("tpm") for name in names):
        return Findings(unknown={"tpm.present": "absent_or_disabled"})
    version = integer(runner.read(f"{FOLDER}/tpm0/tpm_version_major").text, 1, 2)
    unknown = {} if version else {"tpm.version": "not_reported"}
    return Findings(tpm=Tpm(present=True, version=version), unknown=unknown)
