"""The checks behind the screens: what yes means, and what runs by itself."""

from __future__ import annotations

from pathlib import Path

from bench.grading.facts import LOCK_QUESTIONS
from bench.guide.shown import CheckMark, CheckMode
from bench.opening.runner import runner
from bench.words.catalogue import choose, find
from bench.workbench.checks import CheckDesk
from diagnostics.checks.model import CheckOutcome
from diagnostics.command import Completed, Content, Problem
from diagnostics.locks import QUESTIONS
from diagnostics.model import Identity, Machine
from diagnostics.probe import probe

MACHINES = Path(__file__).resolve().parents[2] / "machines"


class Bare:
    """A machine whose kernel lists folders and finds nothing in them."""

    def run(self, argv, *, timeout_s=10.0, stdin=None):  # type: ignore[no-untyped-def]
        return Completed(tuple(argv), None, b"", b"", 0.0, Problem.MISSING)

    def read(self, path: str) -> Content:
        return Content(path, b"")

    def names(self, path: str) -> tuple[str, ...] | None:
        return ()

    def link(self, path: str) -> str | None:
        return None

    def has(self, tool: str) -> bool:
        return False


def bare_laptop() -> CheckDesk:
    choose("fr")
    return CheckDesk(Bare(), Machine(identity=Identity(kind="laptop")), live=False)


def test_a_part_that_is_seen_but_not_found_has_failed() -> None:
    desk = bare_laptop()
    step = next(step for step in desk.steps() if step.id == "camera")
    assert step.mode is CheckMode.ASK and step.question == "Voyez-vous une caméra sur ce PC ?"
    assert desk.answer("camera", CheckMark.PASSED).outcome is CheckOutcome.FAILED
    desk = bare_laptop()
    assert desk.answer("camera", CheckMark.FAILED).outcome is CheckOutcome.NOT_PRESENT
    desk = bare_laptop()
    assert desk.answer("camera", CheckMark.NOT_TESTED).outcome is CheckOutcome.NOT_TESTED


def test_a_count_is_asked_and_judged() -> None:
    desk = bare_laptop()
    screen = next(step for step in desk.steps() if step.id == "screen")
    assert screen.count == "Combien de points avez-vous vus ?" and screen.count_most == 999
    assert desk.count("screen", 0).outcome is CheckOutcome.PASSED
    assert desk.count("screen", 2).evidence == {"dead_pixels": 2}
    failed = desk.count("screen", 6)
    assert failed.outcome is CheckOutcome.FAILED
    assert desk.outcome(failed).text == "Trop de points morts."
    for nonsense in (None, -1, 1000, True):
        assert desk.count("screen", nonsense).outcome is CheckOutcome.NOT_TESTED


def test_a_count_without_a_count_question_proves_nothing() -> None:
    desk = bare_laptop()
    assert all(not step.count for step in desk.steps() if step.id not in ("screen", "usb"))
    for id in ("camera", "sound", "nothing_of_ours"):
        assert desk.count(id, 3).outcome is not CheckOutcome.PASSED


def test_sockets_counted_without_any_plug_are_not_proven() -> None:
    machine = probe(runner(str(MACHINES / "laptop-sata-ssd")))
    desk = CheckDesk(runner(str(MACHINES / "laptop-sata-ssd")), machine, live=False)
    usb = next(step for step in desk.steps() if step.id == "usb")
    assert usb.count == "Combien de prises USB a ce PC ?" and usb.count_most == 64
    assert desk.count("usb", 3).outcome is CheckOutcome.NOT_TESTED


def test_what_needs_nobody_is_no_screen() -> None:
    machine = probe(runner(str(MACHINES / "laptop-sata-ssd")))
    desk = CheckDesk(runner(str(MACHINES / "laptop-sata-ssd")), machine, live=False)
    ids = {step.id for step in desk.steps()}
    assert not ids & {"memory", "cpu", "cooling", "clock"}
    assert "keyboard" in ids


def test_what_a_worker_cannot_know_of_locks_is_not_asked_of_him() -> None:
    """He saw the start; the donor, the accounts and the settings are the supervisor's to ask."""
    apple = Identity(kind="laptop", maker="Apple")
    for machine in (Machine(identity=Identity(kind="laptop")), Machine(identity=apple)):
        desk = CheckDesk(Bare(), machine, live=False)
        asked = {step.id: step for step in desk.steps() if step.id in QUESTIONS}
        assert set(asked) == {"bios_password_unread"} and "mdm_attestation" in desk.locks
        assert asked["bios_password_unread"].question.startswith("A-t-il démarré sans")
        for mark in CheckMark:  # no answer of his opens a lock
            for lock in QUESTIONS:
                assert desk.answer(lock, mark).outcome is not CheckOutcome.PASSED
        said = desk.answer("bios_password_unread", CheckMark.FAILED)
        assert said.outcome is CheckOutcome.FAILED  # it asked for one: closed
        said = desk.answer("bios_password_unread", CheckMark.PASSED)
        assert said.outcome is CheckOutcome.NOT_TESTED
        assert said.evidence == {"at_start": "no_password"}


def test_every_lock_has_its_words_and_its_place_in_the_grade() -> None:
    assert set(QUESTIONS) == set(LOCK_QUESTIONS)
    for code in ("fr", "en"):
        for lock in QUESTIONS:
            assert find(f"supervisor.lock.{lock}", code), lock
            assert find(f"grading.lock.{LOCK_QUESTIONS[lock]}", code), lock


def test_every_step_has_words() -> None:
    for folder in sorted(MACHINES.iterdir()):
        if (folder / "manifest.json").exists():
            recorded = runner(str(folder))
            desk = CheckDesk(recorded, probe(recorded), live=False)
            for step in desk.steps():
                assert step.title and (step.lines or step.question), step.id
