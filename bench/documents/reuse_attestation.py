"""The attestation de réemploi a public donor keeps to prove its reuse rate (décret 2023-266).

A machine counts only if it is under ten years old, handed on for reuse, and the
acquirer commits in writing. An unknown year is printed and does not count.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from bench.casefile.erasure import Party
from bench.documents import wording
from bench.documents.french_rules import counts_as_reuse, french_rules
from bench.documents.impact_section import kind_text
from bench.documents.machine_sheet import money_text
from bench.documents.page.pdf import Sheet
from bench.documents.page.table import Column, draw_table
from bench.documents.paper import Issued, Proof, draw_proof, prove
from bench.documents.shortcode import Essentials
from bench.documents.signed import Signer, sign
from bench.words.catalogue import for_the_workshop, language, say
from bench.words.dates import local
from labels.identifier import is_demo

KIND = "reuse"


class ReusedMachine(msgspec.Struct, frozen=True):
    """`made_year` and `value_cents` (unit value at the transfer): `None` = not known."""

    asset: str
    kind: str
    model: str = ""
    serial: str | None = None
    made_year: int | None = None
    destination: str = "stock"
    value_cents: int | None = None


class ReuseAttestation(msgspec.Struct, frozen=True):
    number: str
    issued_at: str
    workshop: Party
    donor: Party
    lot: str
    machines: tuple[ReusedMachine, ...]
    received_on: str = ""
    free_of_charge: bool = True
    tool: str = ""

    @property
    def year(self) -> int:
        """Of the transfer: ages are counted on that day's year."""
        there = local(self.issued_at)
        day = self.received_on or (there.date().isoformat() if there else "")
        return int(day[:4]) if day[:4].isdigit() else 0


def counted(content: ReuseAttestation) -> list[ReusedMachine]:
    """The machines a public donor may count."""
    rules = french_rules()
    return [
        machine
        for machine in content.machines
        if counts_as_reuse(machine.made_year, content.year, machine.destination, rules)
    ]


def over_gift_limit(content: ReuseAttestation) -> list[ReusedMachine]:
    """Machines whose known unit value is above what may be given free of charge."""
    limit = french_rules().gift.max_unit_cents
    return [
        machine
        for machine in content.machines
        if content.free_of_charge
        and machine.value_cents is not None
        and machine.value_cents > limit
    ]


def signed_file(content: ReuseAttestation, signer: Signer) -> bytes:
    payload = msgspec.to_builtins(content) | {
        "counted": len(counted(content)),
        "rules": french_rules().version,
    }
    return sign(KIND, payload, signer)


@for_the_workshop()
def issue_reuse_attestation(
    content: ReuseAttestation, signer: Signer, *, logo: bytes = b""
) -> Issued:
    file = signed_file(content, signer)
    essentials = Essentials(
        kind=KIND,
        number=content.number,
        issued_at=content.issued_at,
        asset=content.lot,
        counts={"machines": len(content.machines), "counted": len(counted(content))},
    )
    proof = prove(essentials, file, signer)
    pdf = reuse_attestation_pdf(content, proof, logo=logo)
    return Issued(file, pdf, proof.code, content.number, content.issued_at, content.tool)


@for_the_workshop()
def reuse_attestation_pdf(content: ReuseAttestation, proof: Proof, *, logo: bytes = b"") -> bytes:
    rules = french_rules()
    sheet = Sheet(
        title=say("documents.reuse.title"),
        reference=say("documents.donor_pack.reference", number=content.number, lot=content.lot),
        issuer=content.workshop.name,
        footer=say("documents.footer", tool=content.tool, number=content.number),
        date=wording.date_text(content.issued_at),
        language=language(),
        demo=is_demo(content.number),
        logo=logo,
    )
    machines = wording.count_text(len(counted(content)))
    sheet.callout(
        say("documents.reuse.counted", machines=machines, total=len(content.machines)),
        [say("documents.reuse.rule", years=rules.reuse.max_age_years, text=rules.reuse.text)],
    )
    sheet.columns(
        [
            (say("documents.reuse.acquirer"), wording.party_lines(content.workshop)),
            (say("documents.donor"), wording.party_lines(content.donor)),
        ]
    )
    sheet.heading(say("documents.reuse.commitment"))
    sheet.paragraph(say("documents.reuse.commitment_text", workshop=content.workshop.name))
    if content.free_of_charge:
        limit = money_text(rules.gift.max_unit_cents)
        sheet.paragraph(say("documents.reuse.free", limit=limit, text=rules.gift.text), size=8)
    over = over_gift_limit(content)
    if over:
        assets = ", ".join(machine.asset for machine in over[:12])
        sheet.callout(
            say("documents.reuse.over_limit", assets=assets),
            [say("documents.reuse.over_limit_more")],
            heavy=True,
        )
    draw_proof(sheet, proof)
    sheet.signatures(
        [
            say("documents.sign.workshop", name=content.workshop.name),
            say("documents.sign.donor", name=content.donor.name),
        ]
    )
    sheet.heading(say("documents.donor_pack.every_machine"))
    draw_table(sheet, _columns(), _rows(content), size=7)
    sheet.paragraph(say("documents.rules_version", version=rules.version), size=7)
    return sheet.finish()


def _columns() -> list[Column]:
    names = ("asset", "kind", "model", "serial", "year", "destination", "counts")
    shares = (83, 60, 113, 95, 42, 66, 42)  # points: no number is cut
    return [Column(say(f"documents.column.{n}"), s) for n, s in zip(names, shares, strict=True)]


def _rows(content: ReuseAttestation) -> Iterator[tuple[str, ...]]:
    taken = {machine.asset for machine in counted(content)}
    unknown = say("documents.unknown")
    for machine in content.machines:
        yield (
            machine.asset,
            kind_text(machine.kind),
            machine.model or unknown,
            machine.serial or unknown,
            str(machine.made_year) if machine.made_year is not None else unknown,
            say(f"documents.destination.{machine.destination}"),
            say("documents.yes" if machine.asset in taken else "documents.no"),
        )
