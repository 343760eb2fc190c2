"""Who stands on a paper: the workshop, the donor, who erased. No line of theirs is ever empty.

A paper is kept for years by people who were not there. One that says "Donateur : —" proves nothing
to them, so it is refused with what to fill in and where, before anything is made or recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.casefile.erasure import Party
from bench.casefile.reading import donor_party
from bench.errors.failure import Exit, Failure
from bench.words.catalogue import say
from labels.identifier import DEMO

if TYPE_CHECKING:
    from bench.casefile.reading import File, Lot
    from bench.documents.signed import Vouched
    from bench.records.log import Log
    from bench.setup.settings import Settings

REFUSED = "documents.refused."  # how the codes of papers that must not be made begin
_MOST_CODES = 8  # operators named on the paper of a lot


def workshop_of(log: Log, settings: Settings) -> Party:
    """The workshop in whose name a paper is made.

    Raises `Failure("documents.refused.workshop")` for one nobody has named. A demonstration, which
    attests nothing, has its own name.
    """
    if log.demo and not settings.named:
        return Party(say("documents.demo.workshop"))
    return named_workshop(settings, log.store.path.parent)


def signer_of(log: Log) -> Vouched:
    """Who signs this bench's papers: its key, with the certificate it recorded."""
    from bench.documents.signed import Vouched
    from bench.exchange.receipt import certificate_of

    return Vouched(log.key, certificate_of(log.store, log.key.id))


def named_workshop(settings: Settings, folder: Path) -> Party:
    """The workshop of these settings, which lie in `folder`; see `workshop_of`."""
    if not settings.named:
        path = folder / "settings.toml"
        raise Failure("documents.refused.workshop", Exit.REFUSED, path=path)
    address = "\n".join(settings.address_lines)
    return Party(settings.workshop.strip(), settings.siret.strip(), address)


def donor_of(log: Log, lot: Lot) -> Party:
    """The donor of a lot. Raises `Failure("documents.refused.donor")` where the lot has none."""
    party = donor_party(log, lot.donor) if lot.donor else None
    if party is None or not party.name.strip():
        raise Failure("documents.refused.donor", Exit.REFUSED, lot=lot.lot)
    return party


def operators_of(log: Log, files: Iterable[File], operator: str, named: str) -> str:
    """The codes of who erased, else of who issues the paper.

    `named`: what the paper is about, for the sentence. Raises
    `Failure("documents.refused.operator")` where nobody is known and nobody is named.
    """
    codes = dict.fromkeys(file.dossier.erased_by for file in files if file.dossier.erased_by)
    told = [*codes][:_MOST_CODES] or [operator.strip() or (DEMO if log.demo else "")]
    if not told[0]:
        raise Failure("documents.refused.operator", Exit.USAGE, named=named)
    more = f" (+ {len(codes) - _MOST_CODES})" if len(codes) > _MOST_CODES else ""
    return ", ".join(told) + more
