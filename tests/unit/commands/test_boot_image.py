"""The image an erasure ran under, from its job to the paper and to whoever verifies it."""

from __future__ import annotations

import csv
import json
import os
import threading
import time
from pathlib import Path

import pytest

from bench.documents.wording import short_hash
from bench.erasing import candidates, jobs
from bench.opening.context import Context
from bench.records.errors import RecordsError
from bench.records.kinds import kinds
from bench.records.kinds.machine import EraseDone
from bench.records.log import open_bench
from bench.setup.clock import SystemClock
from bench.setup.datafolder import DataFolder
from diagnostics.command import System
from tests.unit.commands.conftest import Etabli
from tests.unit.documents.paper_reader import texts
from tests.unit.documents.papers import erase_done
from tests.unit.documents.recorded import name_workshop
from tests.unit.wipe.helpers_wipe import forked, now
from tests.unit.wipe.test_wipe_system import ONE, TWO, Booted
from wipe.decide.plan import Wish
from wipe.job import job as wiping
from wipe.job.job import Surroundings

ASSET = "RC26-010001-7"


def erased(data: Path, tmp_path: Path, system: str | None, asset: str = ASSET) -> Path:
    """An erasure ordered by this bench and carried out under that image."""
    Context(DataFolder(data, "option")).open_log().store.close()  # the bench has its key
    disk = tmp_path / f"{asset}.img"
    disk.write_bytes(b"names" * 200_000)
    found = candidates.candidate(System(), str(disk), image=True, wish=Wish())
    case = jobs.Case(asset=asset)
    job = jobs.create(data / "jobs", found, clock=SystemClock(), random=os.urandom, case=case)
    note = f"uuid=x\nsystem={system}\n".encode() if system else b"uuid=x\n"
    around = Surroundings(Booted(note), now, time.monotonic, os.urandom, threading.Event())
    assert forked(lambda: wiping.run(job, around)) == 0
    return job


def paper(inside: Etabli, data: Path) -> tuple[Path, str]:
    """The signed file, and all that the PDF says."""
    name_workshop(data)
    done = inside("certificate", ASSET, "--out", data / "out", "--operator", "OP-7F3")
    assert done.returncode == 0, done.stderr
    signed = data / "out" / f"attestation-{ASSET}.json"
    return signed, "".join(texts(signed.with_suffix(".pdf").read_bytes()))


def test_the_paper_names_the_image_and_verify_shows_it(
    inside: Etabli, data: Path, tmp_path: Path
) -> None:
    """The paper is made by another process on a machine without an image, as on another day."""
    erased(data, tmp_path, ONE)
    signed, text = paper(inside, data)
    assert "Image de démarrage" in text
    assert short_hash(ONE) in text and ONE in text
    payload = json.loads(signed.read_bytes())["payload"]
    assert payload["machines"][0]["disks"][0]["systems"] == [ONE]
    told = inside("verify", signed)
    assert told.returncode == 0
    assert f"Image de démarrage : {short_hash(ONE)} (en entier : {ONE})" in told.stdout
    english = inside("verify", signed, "--lang", "en").stdout
    assert f"Boot image: {short_hash(ONE)} (in full: {ONE})" in english
    shown = json.loads(inside("verify", signed, "--json").stdout)
    assert shown["payload"]["machines"][0]["disks"][0]["systems"] == [ONE]
    listed = data / "erasures.csv"
    assert (
        inside("export", "--format", "csv", "--table", "erasure", "--out", listed).returncode == 0
    )
    with listed.open(encoding="utf-8-sig", newline="") as file:
        assert [row["systems"] for row in csv.DictReader(file, delimiter=";")] == [ONE]


def test_on_an_installed_bench_nothing_is_said_of_an_image(
    inside: Etabli, data: Path, tmp_path: Path
) -> None:
    erased(data, tmp_path, None)
    signed, text = paper(inside, data)
    assert "Image de démarrage" not in text
    told = inside("verify", signed)
    assert told.returncode == 0 and "démarrage" not in told.stdout
    log = open_bench(data, SystemClock())
    (event,) = [one for one in log.events() if one.type == "erase.done"]
    log.store.close()
    assert "systems" not in event.data  # the same bytes as before there were any


def test_events_of_before_say_nothing_and_odd_ones_count_for_nothing() -> None:
    told = kinds.read("erase.done", erase_done())
    assert isinstance(told, EraseDone) and told.systems == []
    assert kinds.read("erase.done", erase_done(systems=[ONE, ""])).systems == [ONE, ""]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "systems",
    [ONE, [ONE[:-1]], [ONE.upper()], [f"{ONE}\n"], [None], ["\x1b[2J"], [ONE] * 17, {ONE: 1}, 7],
)
def test_hostile_images_are_no_event(data: Path, systems: object) -> None:
    log = open_bench(data, SystemClock())
    device = log.new_device()
    try:
        with pytest.raises(RecordsError):
            log.append("erase.done", erase_done(systems=systems), device=device)
        assert log.append("erase.done", erase_done(systems=[ONE, TWO, ""]), device=device)
    finally:
        log.store.close()
