"""Préparer l'envoi by keyboard: onto a stick chosen by its name, or kept at the bench."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from bench.carrying.carrier import Own, Put
from bench.carrying.volumes import Volume
from bench.errors.failure import Failure
from bench.exchange.verify import verify_bag
from bench.records import log
from bench.workbench.review import ReviewDesk
from diagnostics.command import System
from tests import forge
from tests.screens.driver import Bench, bench
from tests.screens.test_day import arrive, enter
from tests.unit.wipe.helpers_wipe import loop


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


class Sticks:
    """Sticks that come and go, written as fast as the test says; the file goes into a folder."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder, self.names = folder, list(names)
        self.go = threading.Event()
        self.trouble = ""
        self.far = 0

    def found(self) -> tuple[Volume, ...]:
        return tuple(Volume(name, name, name, name, name, "vfat", 1) for name in self.names)

    def put(self, key: str, file: Path, name: str) -> Put:
        assert self.go.wait(60)
        if self.trouble or key not in self.names:
            raise Failure(self.trouble or "carry_gone")
        (self.folder / key).mkdir()
        (self.folder / key / name).write_bytes(file.read_bytes())
        return Put(file.stat().st_size, closed=True)

    def written(self) -> int:
        return self.far


def desk_of(records: log.Log, tmp_path: Path, carrier: Own | Sticks) -> ReviewDesk:
    desk = ReviewDesk(records, tmp_path / "out", carrier=carrier)
    desk.choose_pin("481516")
    return desk


async def open_it(b: Bench) -> None:
    await enter(b)
    await b.at("DayPage")
    await b.press("3")
    await b.at("SendingPage")


@pytest.mark.long
async def test_a_stick_is_chosen_by_its_name_written_and_said_to_be_free(
    records: log.Log, tmp_path: Path
) -> None:
    arrive(records, "B1", "S1")
    sticks = Sticks(tmp_path, "Noire", "Bleue")
    async with bench(supervision=desk_of(records, tmp_path, sticks)) as b:
        await open_it(b)
        assert "1  Noire" in b.text() and "2  Bleue" in b.text()
        await b.press("2")
        await b.at("WritingPage")
        assert "Ne retirez pas la clé." in b.text()
        await b.press("escape", "1", "enter")
        assert b.name == "WritingPage"
        (made,) = (tmp_path / "out").iterdir()
        sticks.far = made.stat().st_size // 2
        await b.until(lambda: "Encore" in b.text(), "how long it takes")
        await b.press("f1")  # help lies over it while it ends
        sticks.go.set()
        await b.at("DayPage")
        assert "est sur la clé, relu. Vous pouvez la retirer." in " ".join(b.text().split())
    assert (tmp_path / "Bleue" / made.name).read_bytes() == made.read_bytes()
    assert not (tmp_path / "Noire").exists()


@pytest.mark.long
async def test_a_list_that_is_read_does_not_move_until_it_is_asked_to(
    records: log.Log, tmp_path: Path
) -> None:
    sticks = Sticks(tmp_path)
    async with bench(supervision=desk_of(records, tmp_path, sticks)) as b:
        await open_it(b)
        assert "Aucune clé USB n'est branchée." in b.text()
        sticks.names = ["Noire"]
        assert "Noire" not in b.text()
        await b.press("1")  # look again
        await b.until(lambda: "1  Noire" in b.text())
        sticks.names = ["Rouge", "Noire"]
        await b.press("1")  # what stood there: Noire, though Rouge is first now
        await b.at("WritingPage")
        sticks.go.set()
        await b.at("DayPage")
    assert (tmp_path / "Noire").exists() and not (tmp_path / "Rouge").exists()


@pytest.mark.long
@pytest.mark.parametrize("trouble", ["carry_gone", "carry_full", "carry_differs"])
async def test_what_went_wrong_is_a_sentence_and_the_bag_is_kept_here(
    records: log.Log, tmp_path: Path, trouble: str
) -> None:
    sticks = Sticks(tmp_path, "Noire")
    sticks.trouble = trouble
    sticks.go.set()
    async with bench(supervision=desk_of(records, tmp_path, sticks)) as b:
        await open_it(b)
        await b.press("1")
        await b.at("DayPage")
        assert "clé" in b.rows()[-3] + b.rows()[-2] + b.rows()[-4], b.text()
        assert "est sur la clé" not in b.text()
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.long
async def test_kept_at_the_bench_it_says_where(records: log.Log, tmp_path: Path) -> None:
    async with bench(supervision=desk_of(records, tmp_path, Sticks(tmp_path))) as b:
        await open_it(b)
        await b.press("2")
        await b.at("DayPage")
        assert "L'envoi est dans" in b.text()
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.long
async def test_the_workshops_computer_stands_beside_the_sticks(
    records: log.Log, tmp_path: Path
) -> None:
    sent = []

    def send() -> str:
        sent.append(1)
        return "L'envoi est reçu."

    desk = ReviewDesk(records, tmp_path / "out", carrier=Sticks(tmp_path), send=send)
    desk.choose_pin("481516")
    async with bench(supervision=desk) as b:
        await enter(b)
        await b.at("DayPage")
        assert "Envoyer à l'ordinateur" not in b.text()
        await b.press("3")
        await b.at("SendingPage")
        assert "2  Envoyer à l'ordinateur de l'atelier" in b.text()
        await b.press("2")
        await b.at("DayPage")
        await b.until(lambda: "L'envoi est reçu." in b.text())
    assert sent == [1] and not (tmp_path / "out").exists()


@pytest.mark.long
@pytest.mark.root
async def test_onto_a_real_file_system_and_verified_from_there(
    records: log.Log, tmp_path: Path
) -> None:
    arrive(records, "B1", "S1")
    image, label = tmp_path / "key.img", f"CLE{os.getpid()}"
    image.write_bytes(bytes(16 << 20))
    subprocess.run(["mkfs.ext4", "-q", "-L", label, str(image)], check=True)
    with loop(image):
        desk = desk_of(records, tmp_path, Own(System(), tmp_path / "place"))
        async with bench(supervision=desk) as b:
            await open_it(b)
            await b.until(lambda: label in b.text())
            line = next(row for row in b.rows() if label in row)
            await b.press(line.replace("→", " ").split()[0])
            await b.at("DayPage")
            assert "Vous pouvez la retirer." in " ".join(b.text().split())
    (made,) = (tmp_path / "out").iterdir()
    done = subprocess.run(
        ["debugfs", "-R", f"cat /{made.name}", str(image)], capture_output=True, check=True
    )
    again = tmp_path / "carried.zip"
    again.write_bytes(done.stdout)
    assert verify_bag(again).whole
