"""The whole job without root, hardware or network: every step is the real code.

A recorded machine is replayed; a throw-away disk image is really erased and read
back by a real wipe process; the record, the label, the attestation and the bag
are the real ones. Only what a person would answer is answered for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.casefile import writing
from bench.casefile.grade import give_grade, grade_of
from bench.casefile.numbers import next_asset
from bench.demo import plant
from bench.demo.machine import played_target, replayed, with_image
from bench.documents.issue import issue_attestation
from bench.erasing import candidates, jobs
from bench.errors.failure import Exit, Failure
from bench.labelling.content import content_of
from bench.opening.context import Context
from bench.records.log import DEMO as DEMO_STORE
from bench.records.log import Log
from bench.setup import people
from bench.setup.datafolder import DataFolder
from bench.setup.files import write_file
from bench.setup.settings import Settings
from bench.words.catalogue import language, say
from diagnostics.model import Machine
from diagnostics.processor import processor_name
from labels.identifier import DEMO
from wipe.decide.plan import Wish
from wipe.journal.state import JobState
from wipe.model.spec import Claim

Tell = Callable[[str], None]
SETTINGS = Settings(workshop="Atelier de démonstration", prefix=DEMO)
OPERATOR = DEMO
# What the person would have answered: this is a laptop that works.
LOOKS_STEP = 1


class Result(NamedTuple):
    """Whether everything that had to hold did, and where the files are."""

    ok: bool
    asset: str
    out: Path


def run(out: Path, tell: Tell) -> Result:
    """Do the whole job in `out`, which must be empty or new. Raises `Failure`."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Failure("demo_out", Exit.USAGE, path=out)
    context = Context(DataFolder(out.absolute(), "option"))
    context.data.make()
    log = context.open_log()
    log.store.set_meta(DEMO_STORE, 1)
    try:
        return _journey(context, log, tell)
    finally:
        log.store.close()


def _journey(context: Context, log: Log, tell: Tell) -> Result:
    out = context.data.path
    image = out / "disk.img"
    files = plant.plant(image)
    tell(say("demo.planted", path=image, files=files, megabytes=plant.SIZE_BYTES // 10**6))
    machine = with_image(replayed(), image)
    identity = machine.identity
    cpu = processor_name(machine.cpu.model)
    tell(say("demo.read", maker=identity.maker, model=identity.model, cpu=cpu))
    people.add(log, (), say("demo.person"), OPERATOR)
    asset = next_asset(log, SETTINGS)
    device = writing.arrive(log, asset, identity.kind or "", OPERATOR)
    writing.note_machine(log, device, machine, OPERATOR)
    tell(say("demo.arrived", asset=asset))
    tested = _answer_tests(log, device, machine)
    tell(say("demo.tested", count=tested))
    ended = _erase(context, device, asset, image, machine)
    writing.note_erasure(log, device, ended, context.data.jobs / ended.id, operator=OPERATOR)
    left = plant.survivors(image)
    tell(_erased_text(ended, left))
    clean = ended.claim is Claim.CLEAR and not left
    _grade_and_label(log, device, asset, tell)
    papers = _attest(log, device, asset, out, tell)
    agrees = _exchange(log, out, tell)
    return Result(clean and papers and agrees, asset, out)


def _answer_tests(log: Log, device: str, machine: Machine) -> int:
    """The answers of the person at the bench, for every check the grade asks for."""
    from bench.grading.questions import questions_for
    from bench.grading.rules import standard_rules

    kind = standard_rules().kind(machine.identity.kind)
    wanted = dict.fromkeys((*kind.key, *kind.required))
    for check in wanted:
        evidence = {"answered_by": "demo", "dead_pixels": 0} if check == "screen" else {}
        writing.note_check(log, device, check, "passed", evidence=evidence, operator=OPERATOR)
    for lock in ("mdm_attestation", "bios_password_unread", "absolute_hint"):
        data = {"lock": lock, "free": True}
        log.append("lock.answered", data, device=device, operator=OPERATOR)
    looks = {question.id: LOOKS_STEP for question in questions_for(machine.identity.kind)}
    writing.note_looks(log, device, looks, OPERATOR)
    return len(wanted)


def _erase(context: Context, device: str, asset: str, image: Path, machine: Machine) -> JobState:
    """A real job, run by a real wipe process, followed to its end."""
    runner = context.runner()
    found = candidates.candidate(runner, str(image), image=True, wish=Wish())
    found = msgspec.structs.replace(found, target=played_target(found.target, machine))
    case = jobs.Case(device=device, asset=asset, operator=OPERATOR)
    job = jobs.create(
        context.data.jobs, found, clock=context.clock, random=context.random, case=case
    )
    jobs.launch(job, runner)
    *_, ended = jobs.watch([job], context.clock, every_s=0.05, sleep=time.sleep)
    return ended[0]


def _erased_text(ended: JobState, left: list[bytes]) -> str:
    verified = ended.verified
    if verified is None or ended.claim is not Claim.CLEAR:
        return say("demo.not_erased", claim=ended.claim.value)
    text = say("demo.erased", sectors=verified.sectors, mismatches=verified.mismatches)
    found = say("demo.survivors", count=len(left)) if left else say("demo.no_survivor")
    return f"{text} {found}"


def _grade_and_label(log: Log, device: str, asset: str, tell: Tell) -> None:
    from labels.make import make

    result = give_grade(log, device, OPERATOR)
    tell(say("demo.graded", letter=result.final, why=_why(log, device, result.final)))
    content = content_of(log, device, asset, result, SETTINGS)
    out = log.store.path.parent
    for target in ("png", "pdf"):
        data = make(content, target=target, language=language())
        write_file(out / f"label.{target}", data)
    tell(say("demo.labelled", path=out / "label.png"))


def _why(log: Log, device: str, letter: str) -> str:
    """The rule that decided, in words."""
    from bench.casefile.explain import finding_text

    deciding = grade_of(log, device).deciding
    return ", ".join(finding_text(finding) for finding in deciding[:2]) or letter


def _attest(log: Log, device: str, asset: str, out: Path, tell: Tell) -> bool:
    from bench.documents.signed import verify

    paper = issue_attestation(log, device, asset, SETTINGS, out, name="attestation")
    log.append("visit.done", {"outcome": "ready"}, operator=OPERATOR, device=device)
    answer = verify(paper.json.read_bytes(), trusted={log.key.id: SETTINGS.workshop})
    tell(say("demo.attested" if answer.ok else "demo.attested_badly", path=paper.pdf))
    return answer.ok


def _exchange(log: Log, out: Path, tell: Tell) -> bool:
    """The bag goes to a second store, which trusts our workshop by its fingerprint."""
    from bench.exchange.bag import export_bag
    from bench.exchange.importing import import_bags
    from bench.exchange.trust import Heard
    from bench.exchange.verify import verify_bag

    exported = export_bag(log, out / "bag.zip")
    who = verify_bag(out / "bag.zip").who
    with _second_store(log, out) as second:
        heard = Heard.typed(who.fingerprint if who else "")
        report = import_bags(second, [out / "bag.zip"], heard=heard)
        again = import_bags(second, [out / "bag.zip"])
        same = second.store.state_hash() == log.store.state_hash()
    good = report.ok and again.ok and report.added == exported.events and same
    tell(say("demo.exchanged" if good else "demo.exchanged_badly", events=exported.events))
    return good and again.added == 0


@contextmanager
def _second_store(log: Log, out: Path) -> Iterator[Log]:
    """A coordinator's store, beside ours: it only receives."""
    from bench.records.signed.keys import Key
    from bench.records.store import Store

    store = Store.open(out / "coordination" / "etabli.db")
    try:
        yield Log(store, Key(log.random(32)), log.clock, log.random)
    finally:
        store.close()
