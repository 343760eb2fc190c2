"""A donor's own page: the secret links that open it, and the papers that are made for it.

Links are random (256 bits) and kept as their hash; a donor's links are withdrawn together. Papers
are made when a person asks, never by who opens a link.
"""

from __future__ import annotations

import re
import secrets

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
from bench.setup.settings import Settings

KINDS = ("donor", "attestation", "reuse")  # the pack, the erasures, what a public buyer counts
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_link(book: Book, donor: str) -> str:
    """A new secret that opens this donor's page; it is shown once."""
    token = secrets.token_urlsafe(32)
    with database.act(book.folder, writes=True) as db:
        db.execute(
            "INSERT INTO donor_link VALUES (?, ?, ?)", (secret_hash(token), donor, book.now_s())
        )
    return token


def withdraw(book: Book, donor: str) -> int:
    """Close all links of a donor; gives how many there were."""
    with database.act(book.folder, writes=True) as db:
        return db.execute("DELETE FROM donor_link WHERE donor = ?", (donor,)).rowcount


def links(book: Book, donor: str) -> int:
    """How many links open this donor's page."""
    with database.act(book.folder) as db:
        ((count,),) = db.execute("SELECT count(*) FROM donor_link WHERE donor = ?", (donor,))
    return int(count)


def whose(book: Book, token: str) -> str:
    """The donor a link was made for; "" for none."""
    if not _TOKEN.fullmatch(token):
        return ""
    with database.act(book.folder) as db:
        row = db.execute(
            "SELECT donor FROM donor_link WHERE hash = ?", (secret_hash(token),)
        ).fetchone()
    return str(row[0]) if row else ""


def prepare(log: Log, book: Book, settings: Settings, lot: str, kind: str) -> None:
    """Make and sign a paper of a lot, as PDF and signed file.

    Raises `Failure` (`stock.lot_unknown`, `documents.refused.*`, `sharing.paper_kind`).
    """
    known = lot_of(log, lot)
    if known is None:
        raise Failure("stock.lot_unknown", Exit.USAGE, lot=lot[:64])
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
    papers.note(book, lot, kind, keep(log, issued, kind, folder, lot, lot=lot).paths)
