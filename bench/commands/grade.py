"""`etabli grade ASSET`: the grade of a recorded machine, why, and what would raise it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.words.catalogue import find, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.casefile.reading import File
    from bench.grading.result import GradeResult
    from bench.records.log import Log
    from diagnostics.model import Disk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("asset", metavar="CODE", help=say("grading.cli.asset"))
    add("--explain", action="store_true", help=say("grading.cli.explain"))
    add("--json", action="store_true", help=say("cli.json"))
    add("--released", action="store_true", help=say("grading.cli.released"))
    add("--override", metavar="A|B|C|D", help=say("grading.cli.override"))
    add("--reason", metavar="TEXT", default="", help=say("grading.cli.reason"))
    add("--photo", nargs="+", type=Path, default=[], metavar="F", help=say("grading.cli.photo"))
    add("--operator", metavar="CODE", default="", help=say("grading.cli.operator"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Grade, record what is new, print. A supervisor's grade stands beside the rules'."""
    from bench.casefile import writing
    from bench.casefile.health import verdict_words
    from bench.casefile.numbers import read_asset
    from bench.casefile.reading import file_of, overridden

    log = context.open_log()
    try:
        asset = read_asset(arguments.asset)
        device = writing.must_act(log, asset)
        if arguments.photo:
            from bench.casefile.photos import add_photos

            kept = add_photos(log, device, arguments.photo, arguments.operator)
            tell(say("grading.cli.photos", count=len(kept)), error=True)
        file = file_of(log, device)
        judge = verdict_words(file.dossier.disks)
        result = overridden(_by_the_rules(log, file, judge, arguments.released), file)
        if arguments.override:
            result = _override(result, arguments.override.upper(), arguments.reason)
        _record(log, file, result, arguments.operator)
    finally:
        log.store.close()
    if arguments.json:
        tell_json(_plain(asset, result), indent=2)
    else:
        _print(asset, result, explain=arguments.explain)
    return int(Exit.DONE)


def _by_the_rules(
    log: Log, file: File, judge: Callable[[Disk], str], released: bool
) -> GradeResult:
    from bench.grading.engine import grade
    from bench.grading.recorded import facts_of
    from bench.packs.shelf import rules_in_force

    facts = facts_of(file.past, judge, donor_released=released or None)
    return grade(facts, rules_in_force(log))


def _override(result: GradeResult, letter: str, reason: str) -> GradeResult:
    from bench.casefile.explain import finding_text
    from bench.grading.engine import override
    from bench.grading.result import GradingError

    try:
        return override(result, letter, reason)
    except GradingError as error:
        values = dict(error.values)
        if error.code == "override_bound":
            bound = next(f for f in result.findings if f.rule == values["rule"])
            values["why"] = finding_text(bound)
        code = Exit.REFUSED if error.code == "override_bound" else Exit.USAGE
        raise Failure(f"grading.error.{error.code}", code, **values) from error


def _record(log: Log, file: File, result: GradeResult, operator: str) -> None:
    """Write the grade unless the record says the same already."""
    from bench.grading.recorded import grade_given, grade_overridden

    device = str(file.row["device"])
    given = grade_given(result)
    if file.dossier.grade_given != given:
        log.append("grade.given", given, operator=operator, device=device)
    override = grade_overridden(result)
    said = None if override is None else (override["grade"], override["reason"])
    if override is not None and said != file.dossier.override:
        log.append("grade.overridden", override, operator=operator, device=device)


def _plain(asset: str, result: GradeResult) -> dict[str, Any]:
    import msgspec

    from bench.casefile import explain

    plain: dict[str, Any] = msgspec.to_builtins(result)
    for key in ("deciding", "findings"):
        for shown, finding in zip(plain[key], getattr(result, key), strict=True):
            shown["text"] = explain.finding_text(finding)
    for shown, step in zip(plain["raise_to"], result.raise_to, strict=True):
        shown["text"] = explain.raise_text(step)
    for shown, reason in zip(plain["why_not"], result.why_not, strict=True):
        shown["text"] = explain.why_not_text(reason)
    return {"asset": asset, "grade": result.final, **plain}


def _print(asset: str, result: GradeResult, *, explain: bool) -> None:
    from bench.casefile.explain import (
        cosmetic_text,
        finding_text,
        functional_text,
        grade_lines,
        short_text,
        why_not_text,
    )
    from bench.grading.rules import standard_rules

    head, *lines = grade_lines(result)
    tell(f"{asset}  {head}")
    tell(f"  {functional_text(result.functional, result.final)} ; {cosmetic_text(result.cosmetic)}")
    if result.override is not None:
        tell("  " + say("grading.cli.overridden", grade=result.letter, why=result.override.reason))
    for line in lines:
        tell(f"  - {line}")
    if result.rule_set != standard_rules().version:
        tell("  " + say("grading.cli.rules", rules=result.rule_set))
    if not explain:
        return
    tell(say("grading.cli.everything", rules=result.rule_set))
    for finding in result.findings:
        tell(f"  {finding.cap}  {finding_text(finding)}")
    tell(say("grading.cli.uses"))
    for use in result.suitability:
        name = find(f"grading.profile.{use.profile}") or use.profile
        reasons = " ; ".join(short_text(reason) for reason in use.reasons)
        tell(f"  {say('documents.yes') if use.fits else say('documents.no')}  {name}  {reasons}")
    why = " ; ".join(why_not_text(reason) for reason in result.why_not)
    allowed = say("grading.cli.refurbished") if not why else say("grading.cli.not_refurbished")
    tell(f"{allowed} {why}".rstrip())
