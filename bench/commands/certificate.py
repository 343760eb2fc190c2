"""`etabli certificate CODE|LOT`: the papers of a machine or a lot, signed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.casefile.reading import Lot
    from bench.documents.paper import Issued
    from bench.records.log import Log
    from bench.setup.settings import Settings

_MACHINE = ("attestation", "sheet", "handover")
_LOT = ("attestation", "donor", "reuse", "lot-label")
KINDS = tuple(dict.fromkeys((*_MACHINE, *_LOT, "codes")))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("what", nargs="?", metavar="CODE|LOT", help=say("documents.cli.what"))
    add("--kind", choices=KINDS, default="attestation", help=say("documents.cli.kind"))
    add("--out", type=Path, metavar="DIR", help=say("cli.out"))
    add("--operator", metavar="CODE", default="", help=say("documents.cli.operator"))
    add("--price", metavar="EUROS", help=say("documents.cli.price"))
    add("--json", action="store_true", help=say("cli.json"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 when the papers are written. 1 for an attestation that says "not erased", 3 refused."""
    from bench.setup.files import folder_for_papers
    from bench.setup.settings import load

    settings = load(context.data.path)
    folder = folder_for_papers(arguments.out, context.data.documents)
    written: list[Path] = []
    code = _make(arguments, context, settings, folder, written)
    if arguments.json:
        papers = [str(path) for path in written]
        told = {"kind": arguments.kind, "what": arguments.what, "papers": papers}
        tell_json(told | {"not_erased": code == Exit.FINDING}, indent=2)
        return int(code)
    for path in written:
        tell(str(path))
    return int(code)


def _make(
    arguments: argparse.Namespace,
    context: Context,
    settings: Settings,
    folder: Path,
    written: list[Path],
) -> Exit:
    """Make the papers asked for; where they are is added to `written`."""
    if arguments.kind == "codes":
        return _codes(folder, settings, context, written)
    if arguments.what is None:
        raise Failure("documents.refused.what", Exit.USAGE)
    log = context.open_log()
    try:
        from bench.casefile.reading import lot_called

        lot = lot_called(log, arguments.what)
        if lot is not None:
            return _of_lot(log, lot, arguments, settings, folder, written=written)
        return _of_machine(log, arguments, settings, folder, written)
    finally:
        log.store.close()


def _of_machine(
    log: Log,
    arguments: argparse.Namespace,
    settings: Settings,
    folder: Path,
    written: list[Path],
) -> Exit:
    from bench.casefile import writing
    from bench.casefile.grade import grade_of
    from bench.casefile.numbers import read_asset
    from bench.casefile.reading import file_of, overridden
    from bench.documents import content as paper_content
    from bench.documents.logo import logo_of
    from bench.documents.parties import signer_of

    kind = arguments.kind
    if kind not in _MACHINE:  # of a lot: what is no machine's number was meant for one
        try:
            writing.must_know(log, read_asset(arguments.what))
        except Failure:
            raise Failure("stock.lot_unknown", Exit.USAGE, lot=arguments.what[:64]) from None
        raise Failure("documents.refused.lot_only", Exit.USAGE, kind=kind)
    asset = read_asset(arguments.what)
    logo = logo_of(settings, log.store.path.parent)
    if kind == "attestation":
        device = writing.must_know(log, asset)
        if not log.speaks_of(device):
            raise Failure("stock.not_ours", Exit.REFUSED, asset=asset)
        file = file_of(log, device)
        from bench.documents.attestation_pdf import issue_attestation

        attestation = paper_content.machine_attestation(
            log, file, settings, operator=_operator(arguments, log, settings)
        )
        issued = issue_attestation(attestation, signer_of(log), logo=logo)
        written += _keep(log, issued, kind, folder, asset, device=device)
        return Exit.DONE if attestation.all_erased else Exit.FINDING
    device = writing.must_act(log, asset)
    file = file_of(log, device)
    grade = overridden(grade_of(log, device), file)
    if kind == "sheet":
        from bench.casefile.photos import photos_of
        from bench.documents.machine_sheet import issue_machine_sheet

        sheet = paper_content.machine_sheet(log, file, grade, settings)
        issued = issue_machine_sheet(sheet, signer_of(log), photos_of(log, device), logo=logo)
        written += _keep(log, issued, kind, folder, asset, device=device)
        return Exit.DONE
    from bench.casefile.numbers import cents
    from bench.documents.issue import handover_paper
    from bench.stock.leaving import bon_again, may_have_bon

    may_have_bon(log, file)
    asked = None if arguments.price is None else cents(arguments.price)
    price, recipient = bon_again(log, file, asked)
    content = paper_content.handover(
        log, file, grade, settings, price_cents=price, recipient=recipient
    )
    written += _keep(
        log, handover_paper(content, log, logo=logo), kind, folder, asset, device=device
    )
    return Exit.DONE


def _of_lot(
    log: Log,
    lot: Lot,
    arguments: argparse.Namespace,
    settings: Settings,
    folder: Path,
    *,
    written: list[Path],
) -> Exit:
    from bench.documents import content as paper_content
    from bench.documents.logo import logo_of
    from bench.documents.parties import signer_of

    kind, name = arguments.kind, lot.lot
    logo = logo_of(settings, log.store.path.parent)
    if kind == "attestation":
        from bench.documents.attestation_pdf import issue_attestation

        attestation = paper_content.lot_attestation(
            log, lot, settings, operator=_operator(arguments, log, settings)
        )
        written += _keep(
            log,
            issue_attestation(attestation, signer_of(log), logo=logo),
            kind,
            folder,
            name,
            lot=name,
        )
        return Exit.DONE if attestation.all_erased else Exit.FINDING
    if kind == "donor":
        from bench.documents.donor_pack import issue_donor_pack

        pack = paper_content.donor_pack(log, lot, settings)
        written += _keep(
            log, issue_donor_pack(pack, signer_of(log), logo=logo), kind, folder, name, lot=name
        )
    elif kind == "reuse":
        from bench.documents.reuse_attestation import issue_reuse_attestation

        content = paper_content.reuse_attestation(log, lot, settings)
        written += _keep(
            log,
            issue_reuse_attestation(content, signer_of(log), logo=logo),
            kind,
            folder,
            name,
            lot=name,
        )
    elif kind == "lot-label":
        from bench.documents.lot_label import lot_label_pdf

        written += _write(
            folder / f"lot-{name}.pdf", lot_label_pdf(paper_content.lot_label(log, lot, settings))
        )
    else:
        raise Failure("documents.refused.machine_only", Exit.USAGE, kind=kind)
    return Exit.DONE


def _operator(arguments: argparse.Namespace, log: Log, settings: Settings) -> str:
    """The code of who issues the paper. Raises `Failure` (`operator_unknown`)."""
    from bench.setup import people

    if not arguments.operator:
        return ""
    return people.must_know(people.listed(log.store, settings), arguments.operator)


def _codes(folder: Path, settings: Settings, context: Context, written: list[Path]) -> Exit:
    from bench.documents.code_sheet import Named, code_sheet_pdf
    from bench.documents.logo import logo_of
    from bench.documents.parties import named_workshop, workshop_of

    badges = [Named(person.code, person.name or person.code) for person in context.people()]
    if settings.named or not context.data.database.exists():
        workshop = named_workshop(settings, context.data.path).name
    else:
        log = context.open_log()  # a demonstration has a name of its own
        try:
            workshop = workshop_of(log, settings).name
        finally:
            log.store.close()
    written += _write(
        folder / "codes.pdf",
        code_sheet_pdf(workshop, badges, logo=logo_of(settings, context.data.path)),
    )
    return Exit.DONE


def _keep(
    log: Log,
    issued: Issued,
    kind: str,
    folder: Path,
    name: str,
    *,
    device: str = "",
    lot: str = "",
) -> tuple[Path, ...]:
    """Write and record the paper; gives where it is."""
    from bench.documents.issue import keep

    paper = keep(log, issued, kind, folder, name, device=device, lot=lot)
    if paper.again:
        tell(say("documents.again", number=issued.number), error=True)
    _tell_left_out(issued)
    return paper.paths


def _tell_left_out(issued: Issued) -> None:
    """Names in letters the paper's font lacks stand as « […] » on paper, whole in the file."""
    from labels.font import left_out

    lost = left_out(issued.json.decode("utf-8", "replace"))
    if lost:
        tell(say("documents.left_out", letters=lost[:20]), error=True)


def _write(path: Path, data: bytes) -> tuple[Path]:
    from bench.setup.files import write_file

    write_file(path, data)
    return (path,)
