"""The attestation d'effacement on paper, per machine or per lot."""

from __future__ import annotations

from collections.abc import Iterator

from bench.casefile.erasure import AttestedDisk
from bench.documents import wording
from bench.documents.attestation import Attestation, AttestedMachine
from bench.documents.method import method_text
from bench.documents.page.pdf import Sheet
from bench.documents.page.table import Column, draw_table
from bench.documents.paper import Issued, Proof, draw_proof, prove
from bench.documents.shortcode import attestation_essentials
from bench.documents.signed import Signer, sign_attestation
from bench.words.catalogue import for_the_workshop, language, say
from diagnostics.naming import machine_name
from labels.identifier import is_demo

_DETAILED = 6  # more disks than this become a table: one line each


@for_the_workshop()
def issue_attestation(attestation: Attestation, signer: Signer, *, logo: bytes = b"") -> Issued:
    """`attestation.json`, `attestation.pdf` and the QR text, from one content."""
    file = sign_attestation(attestation, signer)
    proof = proof_of(attestation, file, signer)
    pdf = attestation_pdf(attestation, proof, logo=logo)
    return Issued(
        file, pdf, proof.code, attestation.number, attestation.issued_at, attestation.tool
    )


def proof_of(attestation: Attestation, file: bytes, signer: Signer) -> Proof:
    """The proof of an attestation whose signed file is `file`."""
    return prove(attestation_essentials(attestation), file, signer)


@for_the_workshop()
def attestation_pdf(attestation: Attestation, proof: Proof, *, logo: bytes = b"") -> bytes:
    """The PDF: same attestation, same proof, same bytes."""
    sheet = Sheet(
        title=say("documents.attestation.title"),
        reference=say("documents.reference", number=attestation.number),
        issuer=attestation.workshop.name,
        footer=say("documents.footer", tool=attestation.tool, number=attestation.number),
        date=wording.time_text(attestation.issued_at),
        language=language(),
        demo=is_demo(attestation.number),
        logo=logo,
    )
    title, lines = wording.summary(attestation)
    sheet.callout(title, lines, heavy=not attestation.all_erased)
    parties = [(say("documents.workshop"), wording.party_lines(attestation.workshop))]
    if attestation.donor is not None:
        parties.append((say("documents.donor"), wording.party_lines(attestation.donor)))
    sheet.columns(parties)
    if len(attestation.disks) <= _DETAILED:
        _in_detail(sheet, attestation)
    else:
        _as_table(sheet, attestation)
    _meaning(sheet, attestation)
    draw_proof(sheet, proof)
    sheet.signatures(
        [
            say("documents.sign.operator", code=attestation.operator),
            say("documents.sign.workshop", name=attestation.workshop.name),
        ]
    )
    return sheet.finish()


def _in_detail(sheet: Sheet, attestation: Attestation) -> None:
    for machine in attestation.machines:
        sheet.heading(say("documents.machine"), keep=120)
        sheet.pairs(_machine_pairs(machine, attestation))
        for number, disk in enumerate(machine.disks, start=1):
            sheet.heading(_disk_heading(disk, number, len(machine.disks)), keep=150)
            if not disk.erased:
                sheet.paragraph(wording.result_line(disk), bold=True)
            sheet.pairs(disk_pairs(disk))


def _machine_pairs(machine: AttestedMachine, attestation: Attestation) -> Iterator[tuple[str, str]]:
    unknown = say("documents.unknown")
    yield say("documents.label.asset"), machine.asset
    yield (
        say("documents.label.model"),
        machine_name(machine.maker, machine.model) or unknown,
    )
    yield say("documents.label.serial"), machine.serial or unknown
    if attestation.lot:
        yield say("documents.label.lot"), attestation.lot
    yield say("documents.label.operator"), attestation.operator or unknown
    if attestation.destination:
        yield (
            say("documents.label.destination"),
            say(f"documents.destination.{attestation.destination}"),
        )


def _disk_heading(disk: AttestedDisk, number: int, count: int) -> str:
    claim = wording.disk_title(disk)
    if count == 1:
        return say("documents.disk_one", claim=claim)
    return say("documents.disk_of", number=number, count=count, claim=claim)


def disk_pairs(disk: AttestedDisk) -> Iterator[tuple[str, str]]:
    """Everything known of one disk's erasure, as label and value."""
    unknown = say("documents.unknown")
    named = f"{disk.model or unknown}, {wording.size_text(disk.size_bytes)}"
    yield say("documents.label.model"), named
    serial = disk.serial or unknown
    yield say("documents.label.serial"), f"{serial}   WWN {disk.wwn}" if disk.wwn else serial
    if disk.erased:
        yield say("documents.label.method"), wording.standard_text(disk)
        yield say("documents.label.verified"), wording.checked_text(disk)
    else:
        yield say("documents.label.tried"), method_text(disk)
        why = wording.exceptions_text(disk) if disk.exceptions else say("documents.not_given")
        yield say("documents.label.reasons"), why
        yield say("documents.label.verified"), wording.verified_text(disk)
    yield say("documents.label.hidden"), say(f"documents.hidden.{disk.hidden_areas}")
    yield say("documents.label.bad_sectors"), wording.bad_sectors_text(disk)
    yield say("documents.label.smart"), wording.health_text(disk.smart_before, disk.smart_after)
    if disk.started:
        yield (
            say("documents.label.when"),
            say(
                "documents.from_to",
                start=wording.time_text(disk.started),
                end=wording.time_text(disk.ended) if disk.ended else unknown,
            ),
        )
    yield say("documents.label.tool"), disk.tool or unknown
    for system in disk.systems:
        yield say("documents.label.boot_image"), wording.short_hash(system)
        if system:
            yield say("documents.label.boot_image_hash"), system
    yield say("documents.label.journal"), disk.journal_hash or unknown


def _as_table(sheet: Sheet, attestation: Attestation) -> None:
    sheet.heading(
        say(
            "documents.lot_heading",
            machines=len(attestation.machines),
            disks=len(attestation.disks),
        )
    )
    draw_table(sheet, disk_columns(), disk_rows(attestation.machines), size=7)
    systems = wording.systems_lines(attestation)
    if systems:
        sheet.heading(say("documents.system.title"))
        for line in systems:
            sheet.paragraph(line, size=8)


def disk_columns() -> list[Column]:
    names = ("asset", "model", "disk", "serial", "method", "result", "verified", "proof")
    shares = (83, 59, 62, 81, 80, 44, 50, 42)  # points: no number is cut
    return [
        Column(say(f"documents.column.{name}"), share)
        for name, share in zip(names, shares, strict=True)
    ]


def disk_rows(machines: tuple[AttestedMachine, ...]) -> Iterator[tuple[str, ...]]:
    """One line a disk; a machine without disk keeps its line."""
    for machine in machines:
        model = machine_name(machine.maker, machine.model)
        model = model or say("documents.unknown")
        for disk in machine.disks:
            named = f"{disk.model or '?'} {wording.size_text(disk.size_bytes)}"
            yield (
                machine.asset,
                model,
                named,
                disk.identity or say("documents.unknown"),
                method_text(disk, level=False) if disk.technique else "—",
                wording.disk_title(disk),
                wording.short_check(disk),
                disk.journal_hash[:8] or "—",
            )
        if not machine.disks:
            nothing = say("documents.no_disk")
            yield (machine.asset, model, nothing, "—", "—", "—", "—", "—")


def _meaning(sheet: Sheet, attestation: Attestation) -> None:
    claims = [c for c in ("purge", "clear") if any(d.claim == c for d in attestation.disks)]
    texts = [say(f"documents.meaning.{claim}") for claim in claims]
    if not attestation.all_erased and attestation.disks:
        texts.append(say("documents.meaning.not_erased"))
    if texts:
        sheet.heading(say("documents.meaning.title"))
        for text in texts:
            sheet.paragraph(text, size=8)
