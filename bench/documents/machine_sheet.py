"""The fiche machine: what the buyer gets to know, good and bad."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from bench.casefile import explain
from bench.casefile.erasure import Party
from bench.documents import wording
from bench.documents.page.pdf import Sheet
from bench.documents.page.photos import PHOTO_HEIGHT, draw_photos
from bench.documents.page.table import Column, draw_table
from bench.documents.paper import Issued, Proof, draw_proof, prove
from bench.documents.shortcode import Essentials
from bench.documents.signed import Signer, sign
from bench.grading.result import GradeResult
from bench.words.catalogue import find, for_the_workshop, language, say
from diagnostics.naming import machine_name
from labels.identifier import is_demo

KIND = "sheet"
_PAIRS = 3


class SoldDisk(msgspec.Struct, frozen=True):
    """A disk in the machine: never its serial, the buyer has no use for it."""

    kind: str
    size_bytes: int | None
    claim: str


class MachineSheet(msgspec.Struct, frozen=True):
    """Everything the sheet says. `None` = not known, and printed so."""

    number: str
    issued_at: str
    workshop: Party
    asset: str
    grade: str
    functional: str | None
    cosmetic: str
    rule_set: str
    refurbished: bool
    maker: str | None = None
    model: str | None = None
    serial: str | None = None
    kind: str | None = None
    processor: str | None = None
    ram_bytes: int | None = None
    screen: str | None = None
    battery_percent: int | None = None
    mains_only: bool = False
    disks: tuple[SoldDisk, ...] = ()
    functions: dict[str, str] = {}
    suitability: tuple[str, ...] = ()  # profiles that fit
    reasons: tuple[str, ...] = ()  # why not better, in words
    system: str = ""
    warranty_months: int | None = None
    price_cents: int | None = None
    tool: str = ""
    computed: str = ""  # the letter by the rules, where a supervisor gave another
    photos: tuple[str, ...] = ()  # SHA-256 of each, so that the signature covers them


@for_the_workshop()
def with_grade(sheet: MachineSheet, result: GradeResult) -> MachineSheet:
    """The sheet with a grade; « reconditionné » follows the rules, never an override."""
    return msgspec.structs.replace(
        sheet,
        grade=result.final,
        computed=result.letter if result.final != result.letter else "",
        functional=result.functional,
        cosmetic=result.cosmetic,
        rule_set=result.rule_set,
        refurbished=result.refurbished_allowed and result.final != "D",
        suitability=tuple(use.profile for use in result.suitability if use.fits),
        reasons=tuple(explain.finding_text(finding) for finding in result.findings),
    )


def signed_file(content: MachineSheet, signer: Signer) -> bytes:
    return sign(KIND, msgspec.to_builtins(content), signer)


@for_the_workshop()
def issue_machine_sheet(
    content: MachineSheet, signer: Signer, photos: Mapping[str, bytes] = {}, *, logo: bytes = b""
) -> Issued:
    """`photos`: JPEGs by their SHA-256; those the sheet does not name are not shown."""
    file = signed_file(content, signer)
    named = (("grade", content.grade), ("functional", content.functional or ""))
    essentials = Essentials(
        kind=KIND,
        number=content.number,
        issued_at=content.issued_at,
        asset=content.asset,
        named=(*named, ("cosmetic", content.cosmetic)),
    )
    proof = prove(essentials, file, signer)
    pdf = machine_sheet_pdf(content, proof, photos, logo=logo)
    return Issued(file, pdf, proof.code, content.number, content.issued_at, content.tool)


@for_the_workshop()
def machine_sheet_pdf(
    content: MachineSheet, proof: Proof, photos: Mapping[str, bytes] = {}, *, logo: bytes = b""
) -> bytes:
    title = "title_refurbished" if content.refurbished else "title"
    sheet = Sheet(
        title=say(f"documents.sheet.{title}"),
        reference=say("documents.reference", number=content.number),
        issuer=content.workshop.name,
        footer=say("documents.footer", tool=content.tool, number=content.number),
        date=wording.date_text(content.issued_at),
        language=language(),
        demo=is_demo(content.number),
        logo=logo,
        address=content.workshop.address.splitlines(),
    )
    sheet.callout(
        say("documents.sheet.grade", grade=content.grade),
        [explain.letter_text(content.grade, content.computed), *_codes(content)],
    )
    sheet.heading(say("documents.machine"))
    sheet.pairs(_facts(content))
    sheet.heading(say("documents.sheet.tests"))
    _tests(sheet, content)
    if content.reasons:
        sheet.heading(say("documents.sheet.defects"))
        for reason in content.reasons:
            sheet.paragraph(f"• {reason}")
    shown = [photos[sha256] for sha256 in content.photos if sha256 in photos]
    if shown:
        sheet.heading(say("documents.sheet.photos"), keep=PHOTO_HEIGHT)
        draw_photos(sheet, shown)
    sheet.heading(say("documents.sheet.data"))
    sheet.paragraph(_data_text(content))
    sheet.heading(say("documents.sheet.terms"), keep=30)
    sheet.pairs(_terms(content))
    draw_proof(sheet, proof)
    return sheet.finish()


def _codes(content: MachineSheet) -> Iterator[str]:
    yield say(
        "documents.sheet.codes",
        functional=explain.functional_text(content.functional, content.grade),
        cosmetic=explain.cosmetic_text(content.cosmetic),
        rules=content.rule_set,
    )


def _facts(content: MachineSheet) -> Iterator[tuple[str, str]]:
    unknown = say("documents.unknown")
    named = machine_name(content.maker, content.model)
    yield say("documents.label.asset"), content.asset
    yield say("documents.label.model"), named or unknown
    yield say("documents.label.serial"), content.serial or unknown
    yield say("documents.label.processor"), content.processor or unknown
    yield say("documents.label.memory"), memory_text(content.ram_bytes)
    disks = [f"{_disk_kind(disk)} {wording.size_text(disk.size_bytes)}" for disk in content.disks]
    yield say("documents.label.disk"), ", ".join(disks) or say("documents.no_disk")
    if content.screen:
        yield say("documents.label.screen"), content.screen
    if content.battery_percent is not None:
        battery = say("documents.sheet.battery", percent=content.battery_percent)
        if content.mains_only:
            battery += f" ({say('documents.sheet.mains_only')})"
        yield say("documents.label.battery"), battery
    elif content.mains_only:
        yield say("documents.label.battery"), say("documents.sheet.mains_only")
    uses = [say(f"grading.profile.{p}") for p in content.suitability if p != "parts"]
    yield say("documents.label.uses"), " ; ".join(uses) or _no_use(content)


def _no_use(content: MachineSheet) -> str:
    """Parts only where the grade says so too."""
    return say("grading.profile.parts" if content.grade == "D" else "documents.sheet.no_use")


def memory_text(size_bytes: int | None) -> str:
    """Memory in the binary units it is sold in: 8 Go."""
    if size_bytes is None:
        return say("documents.unknown")
    # The kernel keeps a little for itself: 7.6 GiB usable are 8 GB fitted.
    gibibytes = max(1, (size_bytes + 2**30 // 2) >> 30)
    return f"{gibibytes} {say('documents.unit.gb')}"


def _disk_kind(disk: SoldDisk) -> str:
    return find(f"documents.disk_kind.{disk.kind}") or disk.kind


def _tests(sheet: Sheet, content: MachineSheet) -> None:
    rows = [
        (explain.check_name(name), find(f"grading.outcome.{outcome}") or outcome)
        for name, outcome in content.functions.items()
    ]
    if not rows:
        sheet.paragraph(say("documents.sheet.no_tests"))
        return
    # Three pairs a line: a laptop's twenty-odd tests stay on the page.
    height = -(-len(rows) // _PAIRS)
    filled = rows + [("", "")] * (height * _PAIRS - len(rows))
    lines = [
        tuple(text for pair in range(_PAIRS) for text in filled[pair * height + at])
        for at in range(height)
    ]
    titles = (say("documents.column.test"), say("documents.column.outcome"))
    columns = [Column(titles[n % 2], 3 - n % 2) for n in range(2 * _PAIRS)]
    draw_table(sheet, columns, lines, size=7.5)


def _data_text(content: MachineSheet) -> str:
    if not content.disks:
        return say("documents.sheet.data_no_disk")
    if all(disk.claim in ("purge", "clear", "new") for disk in content.disks):
        return say("documents.sheet.data_erased")
    return say("documents.sheet.data_not_erased")


def _terms(content: MachineSheet) -> Iterator[tuple[str, str]]:
    months = content.warranty_months
    warranty = say("documents.not_given") if months is None else _months(months)
    yield say("documents.label.warranty"), warranty
    yield say("documents.label.system"), content.system or say("documents.sheet.no_system")
    if content.price_cents is not None:
        yield say("documents.label.price"), money_text(content.price_cents)


def _months(months: int) -> str:
    return say("documents.months", count=months) if months else say("documents.no_warranty")


def money_text(cents: int) -> str:
    """Euros, whole cents: 120,00 €."""
    return f"{wording.decimal(f'{cents // 100}.{cents % 100:02d}')}\u00a0€"
