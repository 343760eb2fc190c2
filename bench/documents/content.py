"""What each paper of a machine or a lot says, from its file in the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from bench.casefile.explain import check_name
from bench.casefile.photos import photo_hashes
from bench.casefile.reading import File, Lot, files_of_lot
from bench.documents.again import About, under_its_number
from bench.documents.attestation import Attestation, AttestedMachine
from bench.documents.donor_pack import DonorPack, GivenMachine
from bench.documents.donor_pack import signed_file as donor_pack_file
from bench.documents.handover import HandedItem, Handover
from bench.documents.handover import signed_file as handover_file
from bench.documents.lot_label import LotLabel
from bench.documents.machine_sheet import MachineSheet, SoldDisk, with_grade
from bench.documents.machine_sheet import signed_file as sheet_file
from bench.documents.parties import donor_of, operators_of, signer_of, workshop_of
from bench.documents.reuse_attestation import ReuseAttestation, ReusedMachine
from bench.documents.reuse_attestation import signed_file as reuse_file
from bench.documents.signed import Signer, sign_attestation
from bench.grading.facts import LOCK_QUESTIONS
from bench.grading.recorded import MAINS_ONLY
from bench.records.lots import MACHINES
from bench.words.version import VERSION
from diagnostics.model import Machine
from diagnostics.naming import machine_name
from diagnostics.processor import processor_name

if TYPE_CHECKING:
    from bench.grading.result import GradeResult
    from bench.records.log import Log
    from bench.setup.settings import Settings

Content = TypeVar("Content", bound=msgspec.Struct)
TOOL = f"Établi {VERSION}"


def attested(file: File) -> AttestedMachine:
    row = file.row
    return AttestedMachine(
        asset=row["asset"],
        disks=file.disks,
        maker=row["maker"] or None,
        model=row["model"] or None,
        serial=row["serial"] or None,
        kind=row["kind"] or None,
        disks_known=file.dossier.disks_known,
    )


def machine_attestation(
    log: Log, file: File, settings: Settings, *, operator: str = ""
) -> Attestation:
    """The attestation of one machine. `operator`: who issues it, where nobody is on record for its
    erasure. Raises `Failure` (`documents.refused.*`), as all of these do.
    """
    content = Attestation(
        number="",
        issued_at="",
        workshop=workshop_of(log, settings),
        machines=(attested(file),),
        operator=operators_of(log, [file], operator, file.row["asset"]),
        bench=log.key.id,
        tool=TOOL,
        destination=file.destination if file.destination != "stock" else "",
    )
    return _numbered(
        log,
        About("attestation", str(file.row["asset"]), device=str(file.row["device"])),
        content,
        sign_attestation,
    )


def lot_attestation(log: Log, lot: Lot, settings: Settings, *, operator: str = "") -> Attestation:
    """One attestation for all machines of a lot; see `machine_attestation`."""
    files = tuple(files_of_lot(log, lot.name))
    content = Attestation(
        number="",
        issued_at="",
        workshop=workshop_of(log, settings),
        operator=operators_of(log, files, operator, lot.lot),
        donor=donor_of(log, lot) if lot.donor else None,
        machines=tuple(attested(file) for file in files),
        lot=lot.lot,
        bench=log.key.id,
        tool=TOOL,
    )
    return _numbered(log, About("attestation", lot.lot, lot=lot.lot), content, sign_attestation)


def donor_pack(log: Log, lot: Lot, settings: Settings) -> DonorPack:
    machines = tuple(
        GivenMachine(
            asset=file.row["asset"],
            kind=file.row["kind"],
            disks=file.disks,
            maker=file.row["maker"] or None,
            model=file.row["model"] or None,
            serial=file.row["serial"] or None,
            destination=file.destination,
            handed_on=file.row["state"] == "handed_over",
            grade=file.row["grade"],
            weight_g=file.row["weight_g"],
        )
        for file in files_of_lot(log, lot.name)
    )
    content = DonorPack(
        number="",
        issued_at="",
        workshop=workshop_of(log, settings),
        donor=donor_of(log, lot),
        lot=lot.lot,
        machines=machines,
        received_on=lot.received_day,
        promised=lot.promised or None,
        tool=TOOL,
    )
    return _numbered(log, About("donor", lot.lot, lot=lot.lot), content, donor_pack_file)


def reuse_attestation(log: Log, lot: Lot, settings: Settings) -> ReuseAttestation:
    machines = tuple(
        ReusedMachine(
            asset=file.row["asset"],
            kind=file.row["kind"],
            model=machine_name(file.row["maker"], file.row["model"]),
            serial=file.row["serial"] or None,
            made_year=file.row["made_year"],
            destination=file.destination,
        )
        for file in files_of_lot(log, lot.name)
    )
    content = ReuseAttestation(
        number="",
        issued_at="",
        workshop=workshop_of(log, settings),
        donor=donor_of(log, lot),
        lot=lot.lot,
        machines=machines,
        received_on=lot.received_day,
        tool=TOOL,
    )
    return _numbered(log, About("reuse", lot.lot, lot=lot.lot), content, reuse_file)


def machine_sheet(log: Log, file: File, grade: GradeResult, settings: Settings) -> MachineSheet:
    machine = file.machine
    # Answers about locks are kept like tests, but are no function of the machine.
    asked = {MAINS_ONLY, *LOCK_QUESTIONS}
    kinds = {disk.path: disk.kind.value for disk in machine.disks}
    functions = {k: v for k, v in file.past.functions.items() if k not in asked}
    percents = [b.health_percent for b in machine.batteries if b.health_percent is not None]
    sheet = MachineSheet(
        number="",
        issued_at="",
        workshop=workshop_of(log, settings),
        asset=file.row["asset"],
        grade="D",
        functional=None,
        cosmetic="C0",
        rule_set="",
        refurbished=False,
        maker=machine.identity.maker,
        model=machine.identity.model,
        serial=machine.identity.serial,
        kind=machine.identity.kind or file.row["kind"] or None,
        processor=processor_name(machine.cpu.model),
        ram_bytes=machine.memory.installed_bytes or machine.memory.total_bytes,
        screen=_screen(machine),
        battery_percent=min(percents, default=None),
        mains_only=file.past.functions.get(MAINS_ONLY) == "passed",
        disks=tuple(
            SoldDisk(kinds.get(d.path, "unknown"), d.identity.size_bytes, d.claim)
            for d in file.dossier.inside
        ),
        functions=functions,
        tool=TOOL,
        photos=photo_hashes(log, str(file.row["device"])),
    )
    content = with_grade(sheet, grade)
    return _numbered(
        log,
        About("sheet", str(file.row["asset"]), device=str(file.row["device"])),
        content,
        sheet_file,
    )


def _screen(machine: Machine) -> str | None:
    for display in machine.displays:
        if display.internal and display.width_px and display.height_px:
            size = f"{display.width_px} × {display.height_px}"
            inches = display.diagonal_tenths_inch
            return f'{inches // 10},{inches % 10}", {size}' if inches else size
    return None


def lot_label(log: Log, lot: Lot, settings: Settings) -> LotLabel:
    (count,) = log.store.query(f"SELECT count(*) FROM machine WHERE {MACHINES}", lot.name)[0]
    return LotLabel(
        lot=lot.lot,
        workshop=workshop_of(log, settings).name,
        received_on=lot.received_day,
        promised=lot.promised or None,
        received=int(count) or None,
        weight_g=lot.weight_g or None,
        destination="",
        demo=log.demo,
    )


def handover(
    log: Log,
    file: File,
    grade: GradeResult,
    settings: Settings,
    *,
    price_cents: int,
    recipient: str = "",
) -> Handover:
    """The bon de remise of one machine. `recipient`: the random reference of who took it,
    "" while nobody has."""
    row = file.row
    item = HandedItem(
        asset=row["asset"],
        kind=row["kind"] or file.machine.identity.kind or "",
        model=machine_name(row["maker"], row["model"]),
        serial=row["serial"] or None,
        grade=grade.final,
        price_cents=price_cents,
        # Disks that nobody saw may be there: one of them stands for all, not erased.
        claims=(
            *(disk.claim for disk in file.dossier.inside),
            *(() if file.dossier.disks_known else ("none",)),
        ),
        # Disks that were never read may be there: unknown is never "no disk".
        has_disk=bool(file.dossier.inside) or file.past.machine is None,
        defects=tuple(check_name(defect) for defect in grade.defects),
    )
    content = Handover(
        number="",
        issued_at="",
        workshop=workshop_of(log, settings),
        items=(item,),
        recipient=recipient,
        tool=TOOL,
    )
    return _numbered(
        log,
        About("handover", str(file.row["asset"]), device=str(file.row["device"])),
        content,
        handover_file,
    )


def _numbered(
    log: Log, about: About, content: Content, signed_file: Callable[[Content, Signer], bytes]
) -> Content:
    """The content under the number of the same paper before, else under a new one."""
    signer = signer_of(log)
    return under_its_number(log, about, content, lambda paper: signed_file(paper, signer))
