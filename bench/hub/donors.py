"""A donor's own page: the secret links that open it, and the papers that are made for it.

Links are random (256 bits) and kept as their hash; a donor's links are withdrawn together. Papers
are made when a person asks, never by who opens a link.
"""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

from bench.casefile.reading import lot_of
from bench.documents import content
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.donor_pack import issue_donor_pack
from bench.documents.issue import keep
from bench.documents.logo import logo_of
from bench.documents.parties import signer_of
from bench.documents.reuse_attestation import issue_reuse_attestation
from bench.errors.failure import Exit, Failure
from bench.hub import papers
from bench.hub.accounts import database
from bench.hub.accounts.book import Book, secret_hash
from bench.records.copies.forgetting import DOCUMENTS
from bench.records.log import Log
from bench.records.lots import LotName
from bench.setup.settings import Settings

KINDS = ("donor", "attestation", "reuse")  # the pack, the erasures, what a public buyer counts
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class Opened(NamedTuple):
    """What a link opens: a donor's lots, of one workshop or ("") of all."""

    donor: str
    workshop: str


def new_link(book: Book, donor: str, workshop: str = "") -> str:
    """A new secret that opens this donor's page, with the lots of one workshop or of all; it is
    shown once."""
    token = secrets.token_urlsafe(32)
    told = (secret_hash(token), donor, workshop, book.now_s())
    with database.act(book.folder, writes=True) as db:
        db.execute("INSERT INTO donor_link VALUES (?, ?, ?, ?)", told)
    return token


def withdraw(book: Book, donor: str, workshop: str = "") -> int:
    """Close a donor's links, those of one workshop's lots or all; gives how many there were."""
    with database.act(book.folder, writes=True) as db:
        return db.execute(f"DELETE FROM donor_link WHERE {_THESE}", (donor, workshop)).rowcount


def links(book: Book, donor: str, workshop: str = "") -> int:
    """How many links `withdraw` would close."""
    with database.act(book.folder) as db:
        ((count,),) = db.execute(
            f"SELECT count(*) FROM donor_link WHERE {_THESE}", (donor, workshop)
        )
    return int(count)


_THESE = "donor = ?1 AND (?2 = '' OR workshop = ?2)"


def opened_by(book: Book, token: str) -> Opened | None:
    """What a link opens; `None` where it is none of ours."""
    if not _TOKEN.fullmatch(token):
        return None
    with database.act(book.folder) as db:
        row = db.execute(
            "SELECT donor, workshop FROM donor_link WHERE hash = ?", (secret_hash(token),)
        ).fetchone()
    return Opened(*row) if row else None


def prepare(log: Log, book: Book, settings: Settings, lot: LotName, kind: str) -> None:
    """Make and sign a paper of a lot, as PDF and signed file.

    Raises `Failure` (`stock.lot_unknown`, `documents.refused.*`, `sharing.paper_kind`).
    """
    known = lot_of(log, lot)
    if known is None:
        raise Failure("stock.lot_unknown", Exit.USAGE, lot=lot.lot[:64])
    logo, signer = logo_of(settings, log.store.path.parent), signer_of(log)
    if kind == "donor":
        issued = issue_donor_pack(content.donor_pack(log, known, settings), signer, logo=logo)
    elif kind == "attestation":
        issued = issue_attestation(content.lot_attestation(log, known, settings), signer, logo=logo)
    elif kind == "reuse":
        paper = content.reuse_attestation(log, known, settings)
        issued = issue_reuse_attestation(paper, signer, logo=logo)
    else:
        raise Failure("sharing.paper_kind", Exit.USAGE, kind=kind[:40])
    folder = log.store.path.parent / DOCUMENTS
    kept = keep(log, issued, kind, folder, lot.address, lot=lot.lot)
    papers.note(book, lot.address, kind, kept.paths)
