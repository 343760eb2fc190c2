"""Sentences and figures of the papers: codes and integers in, text out."""

from __future__ import annotations

import re
from collections import Counter

from bench.casefile.erasure import AttestedDisk, Health, Note, Party, unattested
from bench.documents.attestation import Attestation
from bench.documents.method import method_text
from bench.words import dates
from bench.words.catalogue import filled, find, say
from wipe.model.codes import history_from

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)$")


def size_text(size_bytes: int | None) -> str:
    """Decimal units, as printed on drives: 256 Go, 1,5 To."""
    if size_bytes is None:
        return say("documents.unknown")
    for unit, factor in (("tb", 10**12), ("gb", 10**9), ("mb", 10**6), ("kb", 10**3)):
        if size_bytes >= factor:
            tenths = (size_bytes * 10 + factor // 2) // factor
            # A drive of 256.06 GB is sold, and spoken of, as 256 GB.
            whole = tenths >= 100 or tenths % 10 == 0
            number = f"{(tenths + 5) // 10}" if whole else decimal(f"{tenths / 10:.1f}")
            return f"{number} {say(f'documents.unit.{unit}')}"
    return f"{size_bytes} {say('documents.unit.b')}"


def decimal(text: str) -> str:
    """A figure with the language's decimal sign."""
    return text.replace(".", say("documents.unit.decimal"))


def count_text(number: int) -> str:
    """Thousands apart: 488 397 168."""
    return f"{number:,}".replace(",", "\u00a0")


def date_text(moment: str) -> str:
    """A day, or the workshop's day of an RFC 3339 time, as people write it; other text is left
    alone."""
    there = dates.local(moment)
    found = _DAY.match(there.date().isoformat() if there else moment)
    if not found:
        return moment
    year, month, day = found.group(1, 2, 3)
    return say("documents.date", day=day, month=month, year=year)


def time_text(moment: str) -> str:
    """Day and minute on the workshop's clock, with its zone: who reads elsewhere knows when."""
    there = dates.local(moment)
    if there is None:
        return date_text(moment)
    zone = dates.zone_text(there)
    return say("documents.time", date=date_text(moment), clock=f"{there:%H:%M}", zone=zone)


def claim_title(claim: str) -> str:
    """The claim in two or three words."""
    return say(f"documents.claim.{claim}")


def disk_title(disk: AttestedDisk) -> str:
    """The claim of a disk; one nobody can name is not attested, whatever was done."""
    if unattested(disk):
        return say("wipe.unattested.word")
    return claim_title(disk.claim)


def party_lines(party: Party) -> list[str]:
    lines = [party.name]
    if party.identifier:
        lines.append(_identifier(party.identifier))
    return [*lines, *party.address.split("\n")] if party.address else lines


def _identifier(number: str) -> str:
    """A SIREN or SIRET by its name, in the groups it is written in; another number as it is."""
    digits = re.sub(r"\D", "", number)
    if len(digits) not in (9, 14) or re.sub(r"(?i)^siren|^siret|[\s.]", "", number) != digits:
        return say("documents.identifier", number=number)
    groups = [digits[:3], digits[3:6], digits[6:9], digits[9:]]
    name = "SIRET" if len(digits) == 14 else "SIREN"
    return f"{name} {' '.join(groups)}".rstrip()


def verified_text(disk: AttestedDisk) -> str:
    """What was read back, or that nothing was."""
    check = disk.verified
    if _by_places(disk):
        return say("documents.verified.changed", places=count_text(disk.sampled_places))
    if check is None:
        return say("documents.verified.none")
    return say(
        f"documents.verified.{check.method}",
        sectors=count_text(check.sectors),
        mismatches=count_text(check.mismatches),
    )


def _by_places(disk: AttestedDisk) -> bool:
    """Whether places were compared before and after: the record counts them as its sectors."""
    check, places = disk.verified, disk.sampled_places
    return places > 0 and (check is None or check.sectors == places)


def short_check(disk: AttestedDisk) -> str:
    """The verification in a table cell."""
    if _by_places(disk):
        return say("documents.verified_short.changed")
    if disk.verified is None:
        return say("documents.verified_short.none")
    return say(
        f"documents.verified_short.{disk.verified.method}",
        mismatches=count_text(disk.verified.mismatches),
    )


def note_text(note: Note, *, past: bool = False) -> str:
    """An exception in words; a code nobody worded is printed as it is, never dropped."""
    from bench.words.reasons import code_text

    if find(f"wipe.reason.{note.code}") is not None:
        text = code_text(note.code, note.values, past=past)
        if "{" not in text:  # else a value is missing: the code and what there is say more
            return text
    for key in (f"wipe.{note.code}", f"documents.note.{note.code}"):
        sentence = find(key)
        if sentence is not None:
            try:
                return filled(sentence, note.values)
            except (KeyError, IndexError, ValueError):
                break
    values = ", ".join(f"{name} {value}" for name, value in note.values.items())
    return f"{note.code} ({values})" if values else note.code


def exceptions_text(disk: AttestedDisk) -> str:
    """The exceptions, or that there are none; what failed before another way held is history."""
    since = history_from([note.code for note in disk.notes])
    notes = [
        note_text(note, past=number >= since).rstrip(".")
        for number, note in enumerate(disk.notes)
        if note in disk.exceptions
    ]
    return " ; ".join(notes) if notes else say("documents.no_exception")


def result_line(disk: AttestedDisk) -> str:
    """The line an auditor looks for: technique, level, standard, verification, exceptions."""
    if not disk.erased:
        if unattested(disk):
            return say("documents.line.unnamed")
        return say("documents.line.not_erased", claim=claim_title(disk.claim))
    return say(
        "documents.line.erased",
        method=standard_text(disk),
        checked=checked_text(disk),
    )


def checked_text(disk: AttestedDisk) -> str:
    """What was read back, and what there is to except."""
    return say(
        "documents.line.checked",
        verified=verified_text(disk),
        exceptions=exceptions_text(disk),
    )


def standard_text(disk: AttestedDisk) -> str:
    """The method with the standards it follows; an image file is no medium of theirs."""
    which = "image" if disk.is_image else "erased"
    return say(f"documents.standard.{which}", method=method_text(disk))


def bad_sectors_text(disk: AttestedDisk) -> str:
    if disk.bad_sectors is None:
        return say("documents.bad_sectors.unknown")
    if disk.bad_sectors == 0:
        return say("documents.bad_sectors.none")
    return say("documents.bad_sectors.some", count=count_text(disk.bad_sectors))


def health_text(before: Health | None, after: Health | None) -> str:
    """SMART points before and after, side by side; « ? » where the drive did not say."""
    if before is None and after is None:
        return say("documents.smart.none")
    parts = []
    for name in Health.__struct_fields__:
        old = getattr(before, name) if before else None
        new = getattr(after, name) if after else None
        if old is not None or new is not None:
            shown = [count_text(v) if v is not None else "?" for v in (old, new)]
            label = say(f"documents.smart.{name}")
            parts.append(f"{label} {' → '.join(shown)}")
    return " ; ".join(parts) or say("documents.smart.none")


def systems_text(systems: tuple[str, ...]) -> str:
    """The images an erasure ran under: the start, as people compare it, and the whole hash."""
    return " ; ".join(
        say("documents.system.image", short=short_hash(system), hash=system)
        if system
        else short_hash(system)
        for system in systems
    )


def short_hash(system: str) -> str:
    """The first 16 digits in fours: as many as a person compares, and nobody makes to measure."""
    if not system:
        return say("documents.system.none")
    return " ".join(system[at : at + 4] for at in range(0, 16, 4))


def systems_lines(attestation: Attestation) -> list[str]:
    """One line for each image, with its disks where others ran under another or under none."""
    counts = Counter(disk.systems for disk in attestation.disks)
    told = [(systems_text(systems), count) for systems, count in counts.items() if systems]
    if len(counts) == 1:
        return [say("documents.system.all", systems=text) for text, _ in told]
    return [
        say("documents.system.some", disks=count_text(count), systems=text) for text, count in told
    ]


def summary(attestation: Attestation) -> tuple[str, list[str]]:
    """The message of the frame: all erased, or which disks are NOT, or were never read."""
    title, lines = _summary_of_disks(attestation)
    without = sum(not machine.disks for machine in attestation.machines)
    if without and attestation.disks:
        machines = say("documents.machines", count=count_text(without))
        lines = [*lines, say("documents.summary.without_disk", machines=machines)]
    return title, lines


def _summary_of_disks(attestation: Attestation) -> tuple[str, list[str]]:
    disks = attestation.disks
    left = [disk for disk in disks if not disk.erased]
    if not disks:
        return say("documents.summary.no_disk"), [say("documents.summary.no_disk_more")]
    if not left and not all(machine.disks_known for machine in attestation.machines):
        return say("documents.summary.not_all_seen"), [
            say("documents.summary.not_all_seen_more"),
            say("documents.summary.do_not"),
        ]
    if not left and any(disk.is_image for disk in disks):
        return say("documents.summary.images"), [say("documents.summary.how")]
    if not left:
        if len(disks) == 1:
            return say("documents.summary.one"), [say("documents.summary.how")]
        return say("documents.summary.all", count=len(disks)), [say("documents.summary.how")]
    names = ", ".join(disk.identity or disk.model or say("documents.unknown") for disk in left[:12])
    more = f" (+ {len(left) - 12})" if len(left) > 12 else ""
    if all(unattested(disk) for disk in left):
        return (
            say("documents.summary.unnamed", count=count_text(len(left))),
            [say("documents.summary.unnamed_more"), say("documents.summary.do_not")],
        )
    title = "not_erased_only" if len(disks) == 1 else "not_erased"
    return (
        say(f"documents.summary.{title}", count=len(left), total=len(disks)),
        [say("documents.summary.which", names=names + more), say("documents.summary.do_not")],
    )
