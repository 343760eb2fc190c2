"""The bon de remise: a machine goes to its new owner, at a price under the cap.

It never says why somebody is helped, and the name is written by hand on the paper
only: the signed file holds a random reference (records keep personal data apart).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from bench.casefile.erasure import Party
from bench.documents import wording
from bench.documents.french_rules import PaperRefused, check_price, french_rules, price_cap_cents
from bench.documents.impact_section import kind_text
from bench.documents.machine_sheet import money_text
from bench.documents.page.pdf import Sheet
from bench.documents.page.table import Column, draw_table
from bench.documents.paper import Issued, Proof, draw_proof, prove
from bench.documents.shortcode import Essentials
from bench.documents.signed import Signer, sign
from bench.words.catalogue import for_the_workshop, language, say
from labels.identifier import is_demo

KIND = "handover"


class HandedItem(msgspec.Struct, frozen=True):
    """One thing handed over. `claims`: of its disks, as attested; empty where it has none."""

    asset: str
    kind: str
    model: str = ""
    serial: str | None = None
    grade: str = ""
    price_cents: int = 0
    claims: tuple[str, ...] = ()
    has_disk: bool = True
    defects: tuple[str, ...] = ()  # in words, declared to the new owner


class Handover(msgspec.Struct, frozen=True):
    number: str
    issued_at: str
    workshop: Party
    items: tuple[HandedItem, ...]
    recipient: str = ""  # random reference
    request: str = ""
    warranty_months: int | None = None
    tool: str = ""

    @property
    def total_cents(self) -> int:
        return sum(item.price_cents for item in self.items)


def check_handover(content: Handover) -> None:
    """Refuse what must not leave. Raises `PaperRefused`.

    Codes: `nothing` (empty), `not_erased` (a disk without a proven erasure, or none
    recorded), `price_*` (see `french_rules.check_price`).
    """
    if not content.items:
        raise PaperRefused("nothing")
    for item in content.items:
        erased = all(claim in ("purge", "clear", "new") for claim in item.claims)
        if not erased or (item.has_disk and not item.claims):
            raise PaperRefused("not_erased", asset=item.asset)
        check_price(item.kind, item.price_cents, french_rules())


def signed_file(content: Handover, signer: Signer) -> bytes:
    return sign(KIND, msgspec.to_builtins(content), signer)


@for_the_workshop()
def issue_handover(content: Handover, signer: Signer, *, logo: bytes = b"") -> Issued:
    """Signed file, PDF and QR. Raises `PaperRefused` before anything is made."""
    check_handover(content)
    file = signed_file(content, signer)
    essentials = Essentials(
        kind=KIND,
        number=content.number,
        issued_at=content.issued_at,
        asset=content.items[0].asset,
        counts={"items": len(content.items), "price_cents": content.total_cents},
    )
    proof = prove(essentials, file, signer)
    pdf = handover_pdf(content, proof, logo=logo)
    return Issued(file, pdf, proof.code, content.number, content.issued_at, content.tool)


@for_the_workshop()
def handover_pdf(content: Handover, proof: Proof, *, logo: bytes = b"") -> bytes:
    sheet = Sheet(
        title=say("documents.handover.title"),
        reference=say("documents.reference", number=content.number),
        issuer=content.workshop.name,
        footer=say("documents.footer", tool=content.tool, number=content.number),
        date=wording.date_text(content.issued_at),
        language=language(),
        demo=is_demo(content.number),
        logo=logo,
    )
    recipient = [say("documents.handover.name_by_hand"), "", "." * 46]
    if content.recipient:
        recipient.append(say("documents.handover.recipient", reference=content.recipient))
    sheet.columns(
        [
            (say("documents.workshop"), wording.party_lines(content.workshop)),
            (say("documents.handover.to"), recipient),
        ]
    )
    sheet.heading(say("documents.handover.what"))
    draw_table(sheet, _columns(), _rows(content), size=8)
    total = money_text(content.total_cents)
    sheet.paragraph(say("documents.handover.total", total=total), size=11, bold=True)
    sheet.paragraph(say("documents.handover.cap", text=french_rules().cap.text), size=8)
    _defects(sheet, content)
    sheet.heading(say("documents.handover.good_to_know"))
    for line in _good_to_know(content):
        sheet.paragraph(f"• {line}", size=10)
    sheet.signatures(
        [
            say("documents.sign.recipient"),
            say("documents.sign.workshop", name=content.workshop.name),
        ],
        height=60,
    )
    draw_proof(sheet, proof)
    return sheet.finish()


def _columns() -> list[Column]:
    names = ("asset", "kind", "model", "serial", "grade", "price", "cap")
    shares = (94, 62, 114, 90, 33, 54, 54)  # points: no number is cut
    right = (False, False, False, False, False, True, True)
    return [
        Column(say(f"documents.column.{name}"), share, figures)
        for name, share, figures in zip(names, shares, right, strict=True)
    ]


def _rows(content: Handover) -> Iterator[tuple[str, ...]]:
    for item in content.items:
        cap = price_cap_cents(item.kind, french_rules())
        yield (
            item.asset,
            kind_text(item.kind),
            item.model or say("documents.unknown"),
            item.serial or say("documents.unknown"),
            item.grade or "—",
            money_text(item.price_cents) if item.price_cents else say("documents.free"),
            "—" if cap is None else money_text(cap),
        )


def _defects(sheet: Sheet, content: Handover) -> None:
    known = [(item.asset, defect) for item in content.items for defect in item.defects]
    if known:
        sheet.heading(say("documents.sheet.defects"))
        for asset, defect in known:
            sheet.paragraph(f"• {asset} : {defect}", size=10)


def _good_to_know(content: Handover) -> Iterator[str]:
    if any(item.has_disk for item in content.items):
        yield say("documents.handover.erased")
    months = content.warranty_months
    if months:
        length = say("documents.months", count=months)
        yield say("documents.handover.warranty", length=length)
    yield say("documents.handover.help", workshop=content.workshop.name)
    yield say("documents.handover.end_of_life")
