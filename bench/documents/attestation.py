"""What an attestation d'effacement says, as data: built from the record, never rounded up.

The structure is language-free (codes, integers, RFC 3339 times); `wording.py`
turns it into sentences and `signed.py` signs it. What may be claimed is read and lowered
by the record alone (`bench.records.dossier.erasures`), and held against the same rule when a
paper is read back: a paper that says "erased" over unwritten sectors is the one mistake
this project must not make.
"""

from __future__ import annotations

from bench.casefile.erasure import AttestedDisk, Part, Party
from diagnostics.learn import learn

SCHEMA = 1


class AttestedMachine(Part, frozen=True):
    """A machine with the disks it held, or loose disks under an empty asset."""

    asset: str
    disks: tuple[AttestedDisk, ...]
    maker: str | None = None
    model: str | None = None
    serial: str | None = None
    kind: str | None = None
    disks_known: bool = True  # nothing else can be in it; papers made before do not tell


class Attestation(Part, frozen=True):
    """The whole paper: per machine (one) or per lot (many)."""

    number: str
    issued_at: str  # RFC 3339 UTC
    workshop: Party
    machines: tuple[AttestedMachine, ...]
    operator: str = ""  # a code, never a name
    donor: Party | None = None
    lot: str = ""
    bench: str = ""
    tool: str = ""
    destination: str = ""  # of the media: reuse, parts, weee
    schema: int = SCHEMA

    @property
    def disks(self) -> tuple[AttestedDisk, ...]:
        return tuple(disk for machine in self.machines for disk in machine.disks)

    @property
    def all_erased(self) -> bool:
        """False too where there is no disk at all, or where there may be one nobody saw."""
        known = all(machine.disks_known for machine in self.machines)
        return known and bool(self.disks) and all(disk.erased for disk in self.disks)


learn(Attestation)
