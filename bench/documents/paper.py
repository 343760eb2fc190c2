"""What every signed paper has: a signed file, a QR that says the essentials, a PDF.

The QR holds the SHA-256 of the signed file, so paper and file prove each other.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import msgspec

from bench.documents.page.pdf import Sheet
from bench.documents.shortcode import Essentials, sign_code
from bench.documents.signed import Signer, voice_key
from bench.records.signed import fingerprint, keys
from bench.words.catalogue import say


class Proof(NamedTuple):
    """How a reader checks the paper: the signed QR text, the signed file's SHA-256, the key."""

    code: str
    digest: str  # hex
    key_id: str
    fingerprint: str
    voice: str  # whose it is: "workshop", or "bench" where nobody certified it


class Issued(NamedTuple):
    """A paper ready to be kept: the signed file, the PDF, the QR's text, and what names it."""

    json: bytes
    pdf: bytes
    code: str
    number: str
    issued_at: str
    tool: str


def prove(essentials: Essentials, file: bytes, signer: Signer) -> Proof:
    """The proof of a paper whose signed file is `file`; its digest is put in the essentials."""
    digest = hashlib.sha256(file)
    whole = msgspec.structs.replace(essentials, digest=digest.digest())
    key = voice_key(signer)
    return Proof(
        sign_code(whole, signer),
        digest.hexdigest(),
        keys.key_id(signer.public),
        fingerprint.show(key),
        "bench" if key == signer.public else "workshop",
    )


def draw_proof(sheet: Sheet, proof: Proof) -> None:
    """The QR and what is needed to check the paper, kept together."""
    sheet.room(150)
    sheet.heading(say("documents.proof.title"))
    sheet.qr(
        proof.code,
        say("documents.proof.scan"),
        [
            say("documents.proof.how"),
            say("documents.proof.key", key=proof.key_id),
            say(f"documents.proof.voice.{proof.voice}", fingerprint=proof.fingerprint),
            say("documents.proof.digest", digest=proof.digest),
        ],
    )
