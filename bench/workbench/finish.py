"""The end of a visit: grade with its reasons, label, papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.casefile.grade import final_grade, give_grade, grade_of
from bench.casefile.shown import grade_shown
from bench.documents.issue import issue_attestation
from bench.documents.parties import REFUSED
from bench.erasing.record import Recorder
from bench.errors.failure import Failure
from bench.errors.sentence import sentence
from bench.guide.shown import GradeView, LabelView, PrintAnswer, SummaryView
from bench.guide.visit import Visit, VisitOutcome
from bench.labelling.content import content_of
from bench.labelling.printing import print_content, said
from bench.setup.files import write_file
from bench.words.catalogue import paper_language, say
from labels.content import LabelContent, words_of
from labels.errors import LabelError

if TYPE_CHECKING:
    from bench.opening.context import Context
    from bench.records.log import Log
    from bench.setup.settings import Settings

WAITS = "supervisor"  # of `visit.done`: the worker is done, a lock is still asked about


def grade_view(log: Log, device: str, operator: str | None = None) -> GradeView:
    """Grade the machine, record it, say why. Without an operator nothing is recorded: it is only
    said again, of what is on record."""
    again = operator is None
    result = grade_of(log, device) if again else give_grade(log, device, operator or "")
    return grade_shown(result, waits=bool(log.dossier(device).locks_open))


def _content(log: Log, device: str, asset: str, settings: Settings) -> LabelContent:
    return content_of(log, device, asset, final_grade(log, device), settings)


def show_label(log: Log, device: str, asset: str, settings: Settings) -> LabelView:
    """What the label is going to say."""
    words = words_of(_content(log, device, asset, settings), paper_language())
    grade = f"{words.grade_caption} {words.grade}" if words.grade else ""
    lines = (words.title, words.state, *words.lines, grade)
    return LabelView(asset, tuple(line for line in lines if line.strip()), settings.printer)


def print_machine_label(
    context: Context, log: Log, device: str, asset: str, settings: Settings, *, operator: str = ""
) -> PrintAnswer:
    """Keep the label as a picture, and send it to the printer.

    Without a printer the picture is all there is: nothing says that the machine is labelled.
    """
    from labels.make import make

    Recorder(log, context.data.jobs).sweep()
    content = _content(log, device, asset, settings)
    picture = context.data.labels / f"{asset}.png"
    files = (str(picture),)
    try:
        write_file(picture, make(content, size=settings.label_size, language=paper_language()))
        if settings.printer is None:
            return PrintAnswer(False, say("workbench.label_kept"), files)
        error = print_content(context, log, content, settings, operator=operator)
    except LabelError as wrong:
        error = wrong
    if error is not None:
        return PrintAnswer(False, said(error), files)
    return PrintAnswer(True, say("workbench.label_printed"), files)


def print_later(
    context: Context, log: Log, settings: Settings, device: str, operator: str
) -> PrintAnswer:
    """The label of a recorded machine, for a supervisor: it waited for a printer or a grade."""
    rows = log.store.query("SELECT asset FROM machine WHERE device = ?", (device,))
    if not rows or not rows[0][0]:
        return PrintAnswer(False, say("workbench.asset_wrong"))
    return print_machine_label(context, log, device, rows[0][0], settings, operator=operator)


def finish_visit(
    context: Context, log: Log, device: str, visit: Visit, settings: Settings
) -> SummaryView:
    """Close the file of this visit and issue its attestation. Twice changes nothing."""
    asset = visit.asset or ""
    outcome = visit.outcome.value if visit.outcome is not None else "aside"
    Recorder(log, context.data.jobs).sweep()
    found = log.dossier(device)
    if found.locks_open and visit.outcome is not VisitOutcome.ASIDE:
        outcome = WAITS
    if found.visit_outcome == outcome:
        return _summary(log, device, visit, ())
    files: tuple[str, ...] = ()
    refused = ""
    if any(disk.erasures for disk in found.disks):
        folder, operator = context.data.documents, visit.operator or ""
        try:
            paper = issue_attestation(log, device, asset, settings, folder, operator=operator)
            files = (str(paper.pdf), str(paper.json))
        except Failure as error:
            if not error.code.startswith(REFUSED):
                raise
            refused = sentence(error)  # a worker cannot mend it: the visit ends, the paper waits
    if visit.outcome is VisitOutcome.ASIDE and not found.blocked:  # a supervisor looks at it
        told = {"reason": "aside"}
        log.append("machine.blocked", told, operator=visit.operator or "", device=device)
    log.append("visit.done", {"outcome": outcome}, operator=visit.operator or "", device=device)
    return _summary(log, device, visit, files, refused)


def _summary(
    log: Log, device: str, visit: Visit, files: tuple[str, ...], refused: str = ""
) -> SummaryView:
    found = log.dossier(device)
    known, waits = found.disks, bool(found.locks_open)
    erased = [disk for disk in known if disk.erased and not disk.removed]
    out = [disk for disk in known if disk.removed]
    lines = [say("workbench.done.asset", asset=visit.asset or "?")]
    if erased:
        lines.append(say("workbench.done.erased", count=len(erased)))
    if out:
        lines.append(say("workbench.done.out", count=len(out)))
    if waits:
        lines.append(say("workbench.done.waits"))
    elif visit.letter:
        lines.append(say("workbench.done.grade", letter=visit.letter))
    if files:
        lines.append(say("workbench.done.papers"))
    if refused:
        lines.append(refused)
    if visit.outcome is VisitOutcome.LABEL_LATER:
        lines.append(say("workbench.done.label_later"))
    return SummaryView(tuple(lines), files, waits)
