"""The supervisor's day in a real terminal, by keyboard, on a real log (issue 6, Shows)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.records import log
from bench.records.day import review
from bench.setup.clock import SystemClock
from tests.screens import day_folder
from tests.screens.day_folder import ASSETS
from tests.screens.terminal import ROOT, Terminal
from tests.unit.documents.paper_reader import texts
from tests.unit.wipe.helpers_wipe import loop

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.long,  # half a minute and more of keys pressed one by one
]
FAILED, CALLED, UNPROVEN, TWIN, OTHER = ASSETS
DAY = "Préparer l'envoi"
LIST = "Points à régler : "


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    day_folder.make(tmp_path / "data")
    made = Terminal(tmp_path, tmp_path / "data")
    made.start()
    yield made
    made.close()


def enter(terminal: Terminal) -> None:
    """F9 on the first page; this bench has no supervisor's code yet: chosen, twice."""
    terminal.see("Scannez votre badge")
    terminal.press("F9", "Je suis l'encadrant")
    terminal.press("2", "Votre badge, ou votre nom")
    terminal.type("ENC")
    terminal.press("Enter", "Choisissez un code")
    terminal.type("481516", secret=True)
    terminal.press("Enter", "Tapez-le encore une fois")
    terminal.type("481516", secret=True)
    terminal.press("Enter", DAY)


def focused(shown: str) -> str:
    return next((row for row in shown.splitlines() if row.strip(" │").startswith("→")), "")


def open_case(terminal: Terminal, text: str) -> str:
    """Down the list to the line with this text; open it."""
    shown = terminal.screen()
    for _ in range(40):
        line = focused(shown)
        if text in line:
            return terminal.press("Enter", "Revenir à la liste")
        number = int(line.split()[1])
        shown = terminal.press("Down", f"→{number + 1:>3}  ")
    raise AssertionError(f"no {text!r} in the list:\n{shown}")


def answer(terminal: Terminal, text: str, then: str) -> str:
    terminal.see("[ _ ]")
    terminal.type(text)
    return terminal.press("Enter", then)


@contextmanager
def stick(folder: Path) -> Iterator[tuple[str, Path]]:
    """An image file with a file system, plugged in as a loop device; its name."""
    image, label = folder / "stick.img", f"CLE{os.getpid()}"
    image.write_bytes(bytes(16 << 20))
    subprocess.run(["mkfs.ext4", "-q", "-L", label, str(image)], check=True)
    with loop(image):
        yield label, image


def carried(image: Path, data: Path) -> None:
    """What is on the stick is what the bench kept."""
    (bag,) = (data / "exports").glob("*.zip")
    read = ["debugfs", "-R", f"cat /{bag.name}", str(image)]
    assert subprocess.run(read, capture_output=True, check=True).stdout == bag.read_bytes()


def undo(terminal: Terminal) -> None:
    """The two that were joined are found by the end of their serial, and parted again."""
    terminal.choose("Chercher une machine", "Numéro, fin de série")
    terminal.type("SAME")
    terminal.see("PF2SAME")
    shown = terminal.press("Enter", "Séparer des fiches jointes")
    assert "Même machine que" in shown
    terminal.choose("Séparer des fiches jointes", "Jointes le")
    terminal.press("2", "Pourquoi ?")
    answer(terminal, "deux PC", "de nouveau deux machines")
    terminal.press("Escape", "Numéro, fin de série")
    terminal.press("Escape", DAY)


@pytest.mark.root
def test_a_day_is_reviewed_corrected_joined_closed_and_exported(
    terminal: Terminal, tmp_path: Path
) -> None:
    enter(terminal)
    shown = terminal.choose("Clôturer", "ne peut pas être clôturée")
    # Which disk, and what to do about it.
    assert f"{UNPROVEN} : un effacement est sans preuve (annoncé effacé, WDC" in shown
    assert "Réglez d'abord ce point" in shown
    terminal.choose("Voir les points", LIST)

    shown = open_case(terminal, "Effacement sans preuve")
    assert "Ce disque n'est pas effacé" in shown
    terminal.press("2", "Pourquoi ?")
    answer(terminal, "journal perdu", "C'est noté.")

    shown = open_case(terminal, f"bloquée : {CALLED}")
    assert "aide demandée : Essais" in shown
    terminal.choose("Corriger la fiche", "Que faut-il corriger ?")
    for number in range(2, 5):
        terminal.press("Down", f"→{number:>3}  ")
    terminal.press("Enter", "La bonne valeur")
    answer(terminal, "ThinkPad T490", "Pourquoi ?")
    answer(terminal, "lu dessous", "C'est noté.")

    shown = open_case(terminal, "Doublon : PF2SAME")
    assert TWIN in shown and OTHER in shown
    terminal.press("2", "Pourquoi ?")
    answer(terminal, "un seul PC", "C'est noté.")

    terminal.press("Escape", DAY)
    shown = terminal.choose("Clôturer", "Clore quand même")
    assert f"{CALLED} est bloquée (aide demandée : Essais)." in shown
    terminal.choose("Clore quand même", "est clôturée")
    terminal.choose("Rouvrir la journée", "Pourquoi la rouvrir ?")
    answer(terminal, "un PC est revenu", "par ENC : un PC est revenu")
    terminal.choose("Clôturer", "Clore quand même")
    terminal.choose("Clore quand même", "est clôturée")
    undo(terminal)
    with stick(tmp_path) as (label, image):
        shown = terminal.choose("Préparer l'envoi", label)
        line = next(row for row in shown.splitlines() if label in row)
        terminal.press(line.replace("→", " ").split()[0], "Vous pouvez la retirer.")
    carried(image, tmp_path / "data")
    terminal.choose("Faire la liste du jour", "La liste du jour est dans")
    (listed,) = (tmp_path / "data" / "documents").glob("journee-*.pdf")
    assert any(FAILED in text for text in texts(listed.read_bytes()))
    terminal.choose("Quitter la revue", "Je suis l'encadrant", "Scannez votre badge")

    terminal.close()
    check(tmp_path / "data")


def check(data: Path) -> None:
    """What the record says of it afterwards, and the bag verified by the command."""
    records = log.open_bench(data, SystemClock())
    found = review.review(records, SystemClock().now().date().isoformat())
    assert found.can_close and not found.duplicates  # parted: asked no more
    assert any(one.closed for one in found.benches)
    ((model,),) = records.store.query("SELECT model FROM machine WHERE asset = ?", (CALLED,))
    assert model == "ThinkPad T490"
    assert {case.asset for case in found.erasures_bad.shown} == {FAILED, UNPROVEN}
    records.store.close()
    (bag,) = (data / "exports").glob("*.zip")
    etabli = [str(ROOT / "etabli"), "--data", str(data)]
    told = subprocess.run(
        [*etabli, "verify", str(bag)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    raw = bytearray(bag.read_bytes())
    raw[len(raw) // 2] ^= 1
    bag.write_bytes(raw)
    told = subprocess.run(
        [*etabli, "verify", str(bag)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 1, told.stdout + told.stderr
