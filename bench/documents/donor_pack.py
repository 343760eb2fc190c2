"""The dossier donateur: for one lot, every machine and disk, what became of them, the effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from bench.casefile.erasure import CLAIMS, AttestedDisk, Party
from bench.documents import wording
from bench.documents.impact import Impact, impact_of, standard_factors
from bench.documents.impact_section import draw_impact, kilograms, kind_text
from bench.documents.method import method_text
from bench.documents.page.pdf import Sheet
from bench.documents.page.table import Column, draw_table
from bench.documents.paper import Issued, Proof, draw_proof, prove
from bench.documents.shortcode import Essentials
from bench.documents.signed import Signer, sign
from bench.words.catalogue import for_the_workshop, language, say
from diagnostics.naming import machine_name
from labels.identifier import is_demo

KIND = "donor_pack"
DESTINATIONS = ("reuse", "repair", "parts", "weee", "stock")


class GivenMachine(msgspec.Struct, frozen=True):
    """One machine of the lot. `destination` "stock" = not decided yet.

    `handed_on` is true only once somebody received it; `weight_g` 0 = not weighed.
    """

    asset: str
    kind: str
    disks: tuple[AttestedDisk, ...] = ()
    maker: str | None = None
    model: str | None = None
    serial: str | None = None
    destination: str = "stock"
    handed_on: bool = False
    grade: str = ""
    weight_g: int = 0


class DonorPack(msgspec.Struct, frozen=True):
    number: str
    issued_at: str
    workshop: Party
    donor: Party
    lot: str
    machines: tuple[GivenMachine, ...]
    received_on: str = ""
    promised: int | None = None
    destroyed: tuple[str, ...] = ()  # serials of disks destroyed, by their own record
    tool: str = ""


def impact_of_pack(pack: DonorPack) -> Impact:
    kinds = [machine.kind for machine in pack.machines if machine.handed_on]
    return impact_of(kinds, standard_factors())


def signed_file(pack: DonorPack, signer: Signer) -> bytes:
    impact = msgspec.to_builtins(impact_of_pack(pack))
    return sign(KIND, msgspec.to_builtins(pack) | {"impact": impact}, signer)


@for_the_workshop()
def issue_donor_pack(pack: DonorPack, signer: Signer, *, logo: bytes = b"") -> Issued:
    """Signed file, PDF and QR. The impact is part of what is signed."""
    impact = impact_of_pack(pack)
    file = signed_file(pack, signer)
    claims = Counter(disk.claim for machine in pack.machines for disk in machine.disks)
    essentials = Essentials(
        kind=KIND,
        number=pack.number,
        issued_at=pack.issued_at,
        asset=pack.lot,
        counts={"machines": len(pack.machines), **dict(sorted(claims.items()))},
    )
    proof = prove(essentials, file, signer)
    pdf = donor_pack_pdf(pack, impact, proof, logo=logo)
    return Issued(file, pdf, proof.code, pack.number, pack.issued_at, pack.tool)


@for_the_workshop()
def donor_pack_pdf(pack: DonorPack, impact: Impact, proof: Proof, *, logo: bytes = b"") -> bytes:
    sheet = Sheet(
        title=say("documents.donor_pack.title"),
        reference=say("documents.donor_pack.reference", number=pack.number, lot=pack.lot),
        issuer=pack.workshop.name,
        footer=say("documents.footer", tool=pack.tool, number=pack.number),
        date=wording.date_text(pack.issued_at),
        language=language(),
        demo=is_demo(pack.number),
        logo=logo,
    )
    _summary(sheet, pack)
    sheet.columns(
        [
            (say("documents.workshop"), wording.party_lines(pack.workshop)),
            (say("documents.donor"), wording.party_lines(pack.donor)),
        ]
    )
    sheet.heading(say("documents.donor_pack.figures"))
    sheet.pairs(_figures(pack))
    draw_impact(sheet, impact)
    draw_proof(sheet, proof)
    sheet.signatures([say("documents.sign.workshop", name=pack.workshop.name)])
    _not_erased(sheet, pack)
    sheet.heading(say("documents.donor_pack.every_machine"))
    draw_table(sheet, _machine_columns(), map(_machine_row, pack.machines), size=7)
    sheet.heading(say("documents.donor_pack.every_disk"))
    draw_table(sheet, _disk_columns(), _disk_rows(pack), size=7)
    for claim in ("purge", "clear"):
        sheet.paragraph(say(f"documents.meaning.{claim}"), size=7.5)
    return sheet.finish()


def _disks(pack: DonorPack) -> list[AttestedDisk]:
    return [disk for machine in pack.machines for disk in machine.disks]


def _left(pack: DonorPack) -> list[tuple[GivenMachine, AttestedDisk]]:
    """Disks neither erased nor destroyed: what a donor must know first."""
    gone = set(pack.destroyed)
    return [
        (machine, disk)
        for machine in pack.machines
        for disk in machine.disks
        if not disk.erased and (disk.serial is None or disk.serial not in gone)
    ]


def _summary(sheet: Sheet, pack: DonorPack) -> None:
    left, total = _left(pack), len(_disks(pack))
    machines = wording.count_text(len(pack.machines))
    disks = wording.count_text(total)
    if not left:
        text = "documents.donor_pack.all_done" if total else "documents.donor_pack.no_disks"
        sheet.callout(
            say("documents.donor_pack.thanks", machines=machines),
            [say(text, disks=disks), *_without_disk(pack)],
        )
        return
    sheet.callout(
        say("documents.donor_pack.attention", left=wording.count_text(len(left))),
        [
            say("documents.donor_pack.attention_more", machines=machines, disks=disks),
            *_without_disk(pack),
        ],
        heavy=True,
    )


def _without_disk(pack: DonorPack) -> list[str]:
    """Machines of which no disk was ever read: "all erased" must not seem to cover them."""
    count = sum(not machine.disks for machine in pack.machines)
    if not count or count == len(pack.machines):
        return []
    machines = say("documents.machines", count=wording.count_text(count))
    return [say("documents.donor_pack.without", machines=machines)]


def _figures(pack: DonorPack) -> Iterator[tuple[str, str]]:
    if pack.received_on:
        yield say("documents.label.received"), wording.date_text(pack.received_on)
    if pack.promised is not None:
        yield say("documents.label.promised"), wording.count_text(pack.promised)
    yield say("documents.label.machines"), wording.count_text(len(pack.machines))
    where = Counter(machine.destination for machine in pack.machines)
    for destination in DESTINATIONS:
        if where[destination]:
            yield (
                _sentence_case(say(f"documents.destination.{destination}")),
                wording.count_text(where[destination]),
            )
    yield (
        say("documents.label.handed_on"),
        wording.count_text(sum(machine.handed_on for machine in pack.machines)),
    )
    titles = Counter((CLAIMS.index(disk.claim), wording.disk_title(disk)) for disk in _disks(pack))
    for (_, title), count in sorted(titles.items()):
        yield say("documents.label.disks_claim", claim=title), wording.count_text(count)
    if pack.destroyed:
        yield say("documents.label.destroyed"), wording.count_text(len(pack.destroyed))
    yield say("documents.label.weight"), _weights(pack)


def _weights(pack: DonorPack) -> str:
    """Weighed kilograms, and what is estimated for the rest, apart."""
    factors = standard_factors()
    weighed = sum(machine.weight_g for machine in pack.machines)
    estimates = [
        factors.weight_g.get(factors.kind(machine.kind))
        for machine in pack.machines
        if not machine.weight_g
    ]
    known = [grams for grams in estimates if grams is not None]
    return say(
        "documents.donor_pack.weights",
        weighed=kilograms(weighed),
        estimated=kilograms(sum(known)),
        count=wording.count_text(len(known)),
        unknown=wording.count_text(len(estimates) - len(known)),
    )


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]  # `capitalize` would write « d3e »


def _not_erased(sheet: Sheet, pack: DonorPack) -> None:
    left = _left(pack)
    if not left and not pack.destroyed:
        return
    sheet.heading(say("documents.donor_pack.failures"))
    columns = [
        Column(say(f"documents.column.{name}"), share)
        for name, share in (
            ("asset", 16),
            ("disk", 22),
            ("serial", 20),
            ("result", 18),
            ("why", 34),
        )
    ]
    rows = [
        (
            machine.asset,
            f"{disk.model or '?'} {wording.size_text(disk.size_bytes)}",
            disk.identity or say("documents.unknown"),
            wording.disk_title(disk),
            wording.exceptions_text(disk),
        )
        for machine, disk in left
    ]
    destroyed = say("documents.destroyed")
    rows += [("—", "—", serial, destroyed, "—") for serial in pack.destroyed]
    draw_table(sheet, columns, rows, size=7)


def _machine_columns() -> list[Column]:
    names = ("asset", "kind", "model", "serial", "grade", "destination")
    shares = (83, 60, 133, 105, 38, 82)  # points: no number is cut
    return [Column(say(f"documents.column.{n}"), s) for n, s in zip(names, shares, strict=True)]


def _machine_row(machine: GivenMachine) -> tuple[str, ...]:
    where = say(f"documents.destination.{machine.destination}")
    if machine.handed_on:
        where = say("documents.handed_on")
    return (
        machine.asset,
        kind_text(machine.kind),
        machine_name(machine.maker, machine.model) or say("documents.unknown"),
        machine.serial or say("documents.unknown"),
        machine.grade or "—",
        where,
    )


def _disk_columns() -> list[Column]:
    names = ("asset", "disk", "serial", "method", "result", "verified", "proof")
    shares = (83, 76, 81, 101, 56, 60, 44)
    return [Column(say(f"documents.column.{n}"), s) for n, s in zip(names, shares, strict=True)]


def _disk_rows(pack: DonorPack) -> Iterator[tuple[str, ...]]:
    gone = set(pack.destroyed)
    for machine in pack.machines:
        for disk in machine.disks:
            destroyed = not disk.erased and disk.serial in gone
            yield (
                machine.asset,
                f"{disk.model or '?'} {wording.size_text(disk.size_bytes)}",
                disk.identity or say("documents.unknown"),
                method_text(disk, level=False) if disk.technique else "—",
                say("documents.destroyed") if destroyed else wording.disk_title(disk),
                wording.short_check(disk),
                disk.journal_hash[:8] or "—",
            )
