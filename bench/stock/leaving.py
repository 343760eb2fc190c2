"""Where a machine goes, and the moment somebody takes it away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.casefile.grade import grade_of
from bench.casefile.reading import file_of, overridden
from bench.documents import content as paper
from bench.documents.issue import handover_paper, keep
from bench.documents.logo import logo_of
from bench.documents.machine_sheet import money_text
from bench.errors.failure import Exit, Failure
from bench.records import persons
from bench.stock.donors import years_on
from bench.stock.lots import MAX_WEIGHT_G, disks_settled
from diagnostics.locks import MANAGED

if TYPE_CHECKING:
    from bench.casefile.reading import File
    from bench.records.log import Log
    from bench.setup.settings import Settings

DESTINATIONS = ("reuse", "repair", "parts", "weee")
# What is known of who took a machine: as long as the legal guarantee of conformity of a second
# hand good and the time to claim it (Code de la consommation, L217-3: two years).
KEEP_YEARS = 2


class Handed(NamedTuple):
    """A machine was handed over: the papers, and the reference of who took it."""

    recipient: str
    papers: tuple[Path, ...]


MOST_MACHINE_G = 200_000  # a full server weighs less; more is a slip of the finger


def destine(
    log: Log, device: str, destination: str, *, weight_g: int = 0, operator: str = ""
) -> None:
    """Say where a machine goes.

    Raises `Failure`: what goes to parts or to waste leaves with its disks, so each of them must
    be erased, or taken out (`stock.data_inside`).
    """
    if destination not in DESTINATIONS:
        raise Failure("stock.destination", Exit.USAGE, destination=destination[:40])
    if not 0 <= weight_g <= MAX_WEIGHT_G:
        raise Failure("stock.weight", Exit.USAGE, weight=f"{weight_g / 1000:g}")
    if weight_g > MOST_MACHINE_G:
        values = {"weight": f"{weight_g / 1000:g}", "most": MOST_MACHINE_G // 1000}
        raise Failure("stock.weight_machine", Exit.USAGE, **values)
    file = file_of(log, device)
    _still_here(file)
    _ours(log, file)
    if destination in ("parts", "weee") and not disks_settled(file):
        raise Failure("stock.data_inside", Exit.REFUSED, asset=_name(file))
    data = {"destination": destination, "weight_g": weight_g}
    log.append("machine.destined", data, device=device, operator=operator)


def hand_over(
    log: Log,
    device: str,
    settings: Settings,
    folder: Path,
    *,
    price_cents: int = 0,
    name: str = "",
    contact: str = "",
    operator: str = "",
) -> Handed:
    """Hand a machine to a person: the bon de remise is written, then the record says so.

    `name` and `contact` go into the erasable table alone; both may be empty, and are then
    written by hand on the paper. Raises `Failure`: blocked, gone, handed over already, not
    proven erased, above the price cap.
    """
    file = file_of(log, device)
    _still_here(file)
    _ours(log, file)
    _may_leave(file)
    grade = overridden(grade_of(log, device), file)
    recipient = log.new_reference()
    content = paper.handover(
        log, file, grade, settings, price_cents=price_cents, recipient=recipient
    )
    issued = handover_paper(content, log, logo=logo_of(settings, log.store.path.parent))
    with log.store.transaction():
        now = file_of(log, device)  # somebody may have been quicker while the paper was made
        _still_here(now)
        _ours(log, now)
        _may_leave(now)
        # On the disk before the record says that it left: a paper too many harms nobody.
        asset = str(file.row["asset"])
        papers = keep(log, issued, "handover", folder, asset, device=device).paths
        fields = {"name": name.strip(), "contact": contact.strip()}
        if known := {key: text for key, text in fields.items() if text}:
            until = years_on(log, KEEP_YEARS)
            persons.add(log, "beneficiary", known, keep_until=until, reference=recipient)
        data = {"recipient": recipient, "price_cents": price_cents}
        log.append("handover.done", data, device=device, operator=operator)
    return Handed(recipient, papers)


def may_have_bon(log: Log, file: File) -> None:
    """Raise `Failure` for a machine that may not leave: a signed bon de remise without a hand-over
    would say that it did. Of one that was handed over it may be written again."""
    if file.row["state"] != "handed_over":
        _still_here(file)
        _ours(log, file)
        _may_leave(file)


def _handed(log: Log, device: str) -> tuple[int, str] | None:
    """Price in cents and recipient of the hand-over that stands; `None` where nobody has it."""
    for event in log.newest(device):
        if event.type == "handover.done":
            return int(event.data.get("price_cents") or 0), str(event.data.get("recipient") or "")
        if event.type == "handover.undone":
            return None
    return None


def bon_again(log: Log, file: File, price_cents: int | None) -> tuple[int, str]:
    """Price and recipient of a bon de remise: what the record says once somebody has the machine.

    Raises `Failure("documents.refused.price_recorded")` for another price than it was given at.
    """
    done = _handed(log, str(file.row["device"])) if file.row["state"] == "handed_over" else None
    if done is None:
        return price_cents or 0, ""
    if price_cents not in (None, done[0]):
        price = money_text(done[0])
        raise Failure(
            "documents.refused.price_recorded", Exit.USAGE, asset=_name(file), price=price
        )
    return done


def take_back(log: Log, device: str, *, reason: str, operator: str = "") -> None:
    """The machine came back, or was never taken. Raises `Failure` where nobody had it."""
    file = file_of(log, device)
    if file.row["state"] != "handed_over":
        raise Failure("stock.not_handed_over", Exit.REFUSED, asset=_name(file))
    if not reason.strip():
        raise Failure("records.errors.reason_missing", Exit.USAGE)
    _ours(log, file)
    log.append("handover.undone", {"reason": reason[:4000]}, device=device, operator=operator)


def _still_here(file: File) -> None:
    if file.row["state"] == "handed_over":
        raise Failure("stock.handed_over", Exit.REFUSED, asset=_name(file))
    if file.row["state"] == "in_transit":
        raise Failure("stock.in_transit", Exit.REFUSED, asset=_name(file))


def _ours(log: Log, file: File) -> None:
    """Who does not hold a machine gives it to nobody: the record would show it as a conflict."""
    if not log.acts_for(str(file.row["device"])):
        raise Failure("stock.not_ours", Exit.REFUSED, asset=_name(file))


def _may_leave(file: File) -> None:
    if file.dossier.blocked:
        raise Failure("stock.blocked", Exit.REFUSED, asset=_name(file))
    if file.dossier.locks_open or file.dossier.locks_on or not _asked(file):
        raise Failure("stock.locked", Exit.REFUSED, asset=_name(file))
    if file.dossier.destined in ("repair", "parts", "weee"):
        raise Failure("stock.destined_elsewhere", Exit.REFUSED, asset=_name(file))


def _asked(file: File) -> bool:
    """Whether what no register tells was put to somebody; a loose disk is locked by nobody."""
    return file.dossier.kind == "disk" or MANAGED in file.dossier.tests


def _name(file: File) -> str:
    return str(file.row["asset"] or file.row["device"][:13])
