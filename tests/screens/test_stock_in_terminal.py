"""Issue 13, Shows: in a real terminal a lot comes in, a machine leaves, and `forget` has work."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.records import log
from bench.setup.clock import SystemClock
from labels import identifier
from tests.screens.day_folder import list_people
from tests.screens.terminal import ROOT, Terminal
from tests.screens.test_day_in_terminal import answer, enter, focused
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.recorded import disk, erased_machine, laptop

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.long,  # more than a minute of keys pressed one by one
]
FIRST, SECOND = (str(identifier.make("R", "C", 26, number)) for number in (41, 42))
BACK = "Revenir à la journée"
STOCK = "Ou scannez une machine"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    records = log.open_bench(tmp_path / "data", SystemClock(), name="Poste 1")
    for asset, serial in ((FIRST, "S41"), (SECOND, "S42")):
        erased_machine(records, asset, laptop(disk(serial)), serial)
    records.store.close()
    list_people(tmp_path / "data")
    settings = tmp_path / "data" / "settings.toml"  # no paper is made in no workshop's name
    settings.write_text(f'workshop = "Atelier des Weppes"\n{settings.read_text()}')
    made = Terminal(tmp_path, tmp_path / "data")
    made.start()
    yield made
    made.close()


def go_to(terminal: Terminal, text: str, then: str) -> str:
    """Down the list, else up, to the line with this text, and open it."""
    shown = terminal.screen()
    for key in ("Down", "Up"):
        moved = True
        while moved:
            line = focused(shown)
            if text in line:
                return terminal.press("Enter", then)
            shown = terminal.press(key, "→")
            end = time.monotonic() + 3  # at the end of the list nothing moves
            while focused(shown) == line and time.monotonic() < end:
                shown = terminal.screen()
            moved = focused(shown) != line
    raise AssertionError(f"no {text!r} in the list:\n{shown}")


def test_a_lot_comes_in_is_closed_and_forgotten(terminal: Terminal, tmp_path: Path) -> None:
    enter(terminal)
    terminal.choose("Lots et départs", STOCK)
    go_to(terminal, "Nouveau lot", "Nouveau donateur")
    terminal.choose("Nouveau donateur", "Quel genre de donateur")
    go_to(terminal, "entreprise", "Son nom")
    answer(terminal, "Filature du Nord", "SIRET")
    terminal.press("Down", "→ ")
    terminal.press("Enter", "Combien d'appareils")
    shown = answer(terminal, "2", "est ouvert, pour Filature du Nord")
    lot = next(word for word in shown.split() if word.startswith("L2"))

    go_to(terminal, lot, "Le lot est reçu")
    terminal.choose("Le lot est reçu", "Combien d'appareils")
    answer(terminal, "2", f"Lot {lot}, appareils reçus : 2.")
    for asset in (FIRST, SECOND):
        go_to(terminal, lot, "Ajouter une machine")
        terminal.choose("Ajouter une machine", "Le numéro de la machine")
        answer(terminal, asset, "machines ajoutées : 1")
    for asset, where in ((FIRST, "réemploi"), (SECOND, "réemploi")):
        go_to(terminal, "Une machine", "Numéro")
        answer(terminal, asset, "Dire où va la machine")
        terminal.choose("Dire où va la machine", "Où va la machine")
        go_to(terminal, where, f"{asset} : {where}.")
    go_to(terminal, "Une machine", "Numéro")
    answer(terminal, FIRST, "Remettre à une personne")
    terminal.choose("Remettre à une personne", "Quel prix")
    answer(terminal, "20", "Le nom de la personne")
    answer(terminal, "Ali B.", "Le papier est dans")
    go_to(terminal, lot, "Clore le lot")
    terminal.choose("Clore le lot", f"Le lot {lot} est clos. Machines dedans : 2.")
    go_to(terminal, lot, "Faire le dossier du donateur")
    terminal.choose("Faire le dossier", "Le papier est dans")

    papers = tmp_path / "data" / "documents"
    handed = " ".join(texts((papers / f"handover-{FIRST}.pdf").read_bytes()))
    assert "Bon de remise" in handed and "20" in handed and "Ali" not in handed
    pack = " ".join(texts((papers / f"donor-{lot}.pdf").read_bytes()))
    assert "Filature du Nord" in pack and FIRST in pack and SECOND in pack
    terminal.close()

    def etabli(*words: str) -> str:
        argv = [str(ROOT / "etabli"), *words, "--data", str(tmp_path / "data")]
        code = "481516\n"  # the supervisor's: it opens the key that signs who was forgotten
        done = subprocess.run(argv, capture_output=True, text=True, check=True, input=code)
        return done.stdout

    known = etabli("forget", "--list").splitlines()
    assert len(known) == 2 and any("Filature du Nord" in line for line in known)
    for line in known:
        etabli("forget", line.split()[0])
    assert "Filature" not in etabli("forget", "--list") + etabli("lot", "list", "--all")
    etabli("log", "verify")
