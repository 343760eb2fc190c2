"""`etabli erase` on real image files and loop devices of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bench.demo import plant
from bench.guide.shown import StartAnswer
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.words.catalogue import say
from bench.workbench.bench import Workbench
from wipe.journal import journal, state
from wipe.model.spec import Claim

SIZE = 24 << 20


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    plant.plant(path, SIZE)
    return path


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A loop device over a planted file of this test."""
    if os.geteuid() != 0 or shutil.which("losetup") is None:
        pytest.skip("loop devices need root and losetup")
    backing = tmp_path / "loop.img"
    plant.plant(backing, SIZE)
    made = subprocess.run(
        ["losetup", "-f", "--show", str(backing)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"no loop device here: {made.stderr.strip()}")
    yield made.stdout.strip(), backing
    subprocess.run(["losetup", "-d", made.stdout.strip()], check=False)


def code_of(inside: Any, path: object, *more: str) -> str:
    plan = json.loads(inside("erase", path, "--plan-only", "--json", *more).stdout)
    return str(plan["confirm"])


@pytest.mark.long
def test_an_image_is_erased_verified_and_nothing_planted_is_left(
    etabli: Any, inside: Any, image: Path
) -> None:
    code = code_of(inside, image, "--image")
    done = etabli("erase", "--image", image, "--confirm", code, "--json")
    assert done.returncode == 0, done.stderr
    line = json.loads(done.stdout)
    assert line["claim"] == "clear"
    assert line["verified"] == {"method": "full", "sectors": SIZE // 4096, "mismatches": 0}
    assert line["path"] == str(image) and line["bad_sectors"] == 0
    assert plant.survivors(image) == []
    assert image.stat().st_size == SIZE


@pytest.mark.root
def test_a_loop_device_is_erased(etabli: Any, loop: tuple[str, Path]) -> None:
    device, backing = loop
    listed = {one["path"]: one for one in json.loads(etabli("disks", "--json").stdout)}
    assert listed[device]["guard"]["allowed"]
    done = etabli("erase", device, "--confirm", listed[device]["confirm"])
    # It has no number of its own: erased, and nobody can attest it.
    assert done.returncode == 1, done.stdout + done.stderr
    assert say("wipe.unattested.word") in done.stdout
    assert plant.survivors(backing) == []


def test_nothing_happens_without_the_right_code(inside: Any, image: Path) -> None:
    before = image.read_bytes()
    missing = inside("erase", "--image", image)
    wrong = inside("erase", "--image", image, "--confirm", "0000")
    two = inside("erase", "--image", image, "--confirm", "AAAA", "--confirm", "BBBB")
    assert (missing.returncode, wrong.returncode, two.returncode) == (2, 3, 2)
    assert all(len(one.stderr.strip().splitlines()) == 1 for one in (missing, wrong, two))
    assert image.read_bytes() == before


def test_the_same_disk_twice_is_refused(inside: Any, image: Path) -> None:
    code = code_of(inside, image, "--image")
    done = inside("erase", "--image", image, image, "--confirm", code, "--confirm", code)
    assert done.returncode == 2
    assert plant.survivors(image) == sorted(plant.planted())


@pytest.mark.long
@pytest.mark.root
def test_the_disk_of_this_machine_is_refused(etabli: Any) -> None:
    root = next(
        (
            one["path"]
            for one in json.loads(etabli("disks", "--json").stdout)
            if any(r["code"] in ("holds_root", "mounted") for r in one["guard"]["reasons"])
        ),
        None,
    )
    if root is None:
        pytest.skip("this machine's root is on no disk (container)")
    refused = etabli("erase", root, "--confirm", "XXXX", "--json")
    assert refused.returncode == 3
    assert json.loads(refused.stdout)["claim"] == "refused"


def test_what_is_no_disk_is_said(inside: Any, image: Path, tmp_path: Path) -> None:
    for words in (
        ["/dev/no-such-disk", "--confirm", "AAAA"],
        [image, "--confirm", "AAAA"],  # a file without --image
        ["--image", tmp_path / "nothing.img", "--confirm", "AAAA"],
    ):
        result = inside("erase", *words)
        assert result.returncode == 2
        assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.long
def test_a_symbolic_link_and_a_hard_link_are_refused(
    etabli: Any, inside: Any, image: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link.img"
    link.symlink_to(image)
    code = code_of(inside, link, "--image")
    assert etabli("erase", "--image", link, "--confirm", code).returncode == 3
    os.link(image, tmp_path / "other.img")
    code = code_of(inside, image, "--image")
    assert etabli("erase", "--image", image, "--confirm", code).returncode == 3
    assert plant.survivors(image) == sorted(plant.planted())


def detached(image: Path, code: str) -> tuple[object, ...]:
    """Begins an erasure in the background, of four sweeps: time to stop it in the middle."""
    words = ("--detach", "--json", "--passes", "dod_5220_22_m")
    return ("erase", "--image", image, "--confirm", code, *words)


def test_killed_then_resumed_by_the_command(
    etabli: Any, inside: Any, data: Path, tmp_path: Path
) -> None:
    image = tmp_path / "big.img"
    plant.plant(image, 256 << 20)
    code = code_of(inside, image, "--image")
    started = etabli(*detached(image, code))
    job = json.loads(started.stdout)["job"]
    pid = wipe_pid(job)
    os.kill(pid, signal.SIGKILL)
    jobs = {one["job"]: one for one in json.loads(etabli("jobs", "--json").stdout)}
    assert jobs[job]["claim"] in ("interrupted", "none")
    resumed = etabli("erase", "--resume", "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["claim"] == "clear"
    assert plant.survivors(image) == []
    nothing = etabli("erase", "--resume")
    assert nothing.returncode == 0 and len(nothing.stderr.strip().splitlines()) == 1


def wipe_pid(job: str) -> int:
    """The process that runs a job, once it runs."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        numbers = (int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit())
        for number in sorted(numbers, reverse=True):  # the newest first: an erasure is short here
            try:
                words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"wipe" in words and any(word.endswith(job.encode()) for word in words):
                return number
    raise AssertionError("the wipe process never appeared")


@pytest.mark.long
def test_the_machine_of_an_asset_gets_the_erasure_on_record(
    etabli: Any, inside: Any, image: Path, data: Path
) -> None:
    code = code_of(inside, image, "--image")
    asset = "RC26-010001-7"
    done = etabli("erase", "--image", image, "--confirm", code, "--asset", asset)
    assert done.returncode == 0, done.stderr
    label = inside("label", asset, "--to", "png", "--out", data / "l.png")
    assert label.returncode == 0, label.stderr
    wrong = inside("label", "RC26-010001-8", "--to", "png", "--out", data / "m.png")
    assert wrong.returncode == 2 and asset in wrong.stderr


@pytest.mark.long  # as after a kill, below, with a stop in order
def test_stopped_in_order_then_resumed_the_command_waits_for_the_end(
    etabli: Any, inside: Any, data: Path, tmp_path: Path
) -> None:
    """What the first session said when it stopped is no answer of the second."""
    image = tmp_path / "big.img"
    plant.plant(image, 256 << 20)
    started = etabli(*detached(image, code_of(inside, image, "--image")))
    job = json.loads(started.stdout)["job"]
    while state.read(data / "jobs" / job).done_bytes == 0:
        time.sleep(0.002)
    os.kill(wipe_pid(job), signal.SIGTERM)
    while json.loads(etabli("jobs", "--json").stdout)[0]["status"] == "running":
        time.sleep(0.05)
    stopped = json.loads(etabli("jobs", "--json").stdout)[0]
    assert (stopped["status"], stopped["claim"]) == ("interrupted", "interrupted")
    resumed = etabli("erase", "--resume", job[-8:], "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["claim"] == "clear"
    assert plant.survivors(image) == []


@pytest.fixture
def cut(etabli: Any, inside: Any, data: Path, tmp_path: Path) -> Path:
    """The job folder of an erasure whose process was killed in the middle."""
    image = tmp_path / "big.img"
    plant.plant(image, 256 << 20)
    code = code_of(inside, image, "--image")
    started = etabli(*detached(image, code))
    job = data / "jobs" / json.loads(started.stdout)["job"]
    until(lambda: state.read(job).done_bytes > 0)
    os.kill(wipe_pid(job.name), signal.SIGKILL)
    until(lambda: not state.read(job).alive)
    return job


def until(true: Callable[[], bool]) -> None:
    """Poll a job folder, which has no other event."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.mark.long
def test_an_erasure_resumed_by_another_process_is_not_begun_twice(etabli: Any, cut: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(etabli, "erase", "--resume", cut.name, "--json")
        until(lambda: state.read(cut).alive)
        running = wipe_pid(cut.name)
        os.kill(running, signal.SIGSTOP)  # it keeps the job, and does not end meanwhile
        try:
            told = etabli("erase", "--resume", cut.name)
            as_json = etabli("erase", "--resume", cut.name, "--json")
        finally:
            os.kill(running, signal.SIGCONT)
    assert (told.returncode, as_json.returncode) == (3, 3)
    assert "déjà en cours" in told.stderr and len(told.stderr.splitlines()) == 1
    line = json.loads(as_json.stdout)
    assert (line["job"], line["status"], line["claim"]) == (cut.name, "running", "none")
    assert [one["code"] for one in line["reasons"]] == ["job_locked"]
    ended = first.result()
    assert ended.returncode == 0 and json.loads(ended.stdout)["claim"] == "clear"
    assert len(journal.read(cut).all("begin")) == 2  # before the cut, and once after


@pytest.mark.long
def test_two_processes_resuming_at_once_make_one_erasure(etabli: Any, cut: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(etabli, "erase", "--resume", cut.name, "--json") for _ in range(2)]
        ended = [one.result() for one in both]
    codes = {one.returncode for one in ended}
    assert 0 in codes and codes <= {0, 3}
    for one in ended:
        line = json.loads(one.stdout)
        locked = [reason["code"] for reason in line["reasons"]] == ["job_locked"]
        assert locked if one.returncode else line["claim"] == "clear"
    assert len(journal.read(cut).all("begin")) == 2
    assert state.read(cut).claim is Claim.CLEAR


@pytest.mark.long
def test_the_screens_show_an_erasure_that_a_command_resumed(
    etabli: Any, data: Path, cut: Path
) -> None:
    bench = Workbench(Context(DataFolder(data, "option")))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(etabli, "erase", "--resume", cut.name, "--json")
        until(lambda: state.read(cut).alive)
        running = wipe_pid(cut.name)
        os.kill(running, signal.SIGSTOP)
        try:
            answer = bench.resume(cut.name)
        finally:
            os.kill(running, signal.SIGCONT)
            bench.close()
    assert answer == StartAnswer(cut.name, say("workbench.already_running"))
    assert first.result().returncode == 0
    assert len(journal.read(cut).all("begin")) == 2


def test_a_plan_shows_each_technique_with_its_claim_and_why(inside: Any, image: Path) -> None:
    done = inside("erase", "--plan-only", "--json", "--image", image, "--passes", "random_zero")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["guard"] == {"allowed": True, "reasons": []} and shown["refusal"] is None
    assert [(one["method"], one["claim"]) for one in shown["techniques"]] == [
        ("overwrite", "clear")
    ]
    assert set(shown["techniques"][0]["why"]) == {"code", "text"}
    assert plant.survivors(image) == sorted(plant.planted())
    refused = inside(
        "erase", "--plan-only", "--json", "--image", image, "--technique", "mmc_sanitize"
    )
    assert refused.returncode == 3
    assert json.loads(refused.stdout)["refusal"]["code"] == "wish_unsupported"


@pytest.mark.long
def test_wrong_words_are_one_line_and_touch_nothing(etabli: Any, inside: Any, image: Path) -> None:
    empty = image.with_name("empty.img")
    empty.write_bytes(b"")
    strange = image.with_name("n\udcffm.img")
    image.rename(strange)
    cases: list[tuple[list[object], int]] = [
        (["--plan-only"], 2),
        (["--plan-only", "/dev/no-such"], 2),
        (["--plan-only", "/dev/null"], 2),
        (["--plan-only", "/"], 2),
        (["--plan-only", "--image", "/dev/null"], 3),
        (["--plan-only", "--image", empty], 3),
        (["--plan-only", "--image", image.parent], 3),
        (["--plan-only", "--image", strange], 2),
        (["--image", empty, "--confirm", "AAAA"], 3),
        (["--plan-only", "--image", image, "--passes", "gutmann"], 2),
        (["--resume", "no-such-job"], 2),
    ]
    for words, code in cases:
        done = (etabli if strange in words else inside)("erase", *words)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) <= 1
    strange.rename(image)
    assert plant.survivors(image) == sorted(plant.planted())


@pytest.mark.long
def test_a_job_whose_journal_is_damaged_never_says_that_nothing_was_erased(
    etabli: Any, inside: Any, image: Path, data: Path
) -> None:
    code = code_of(inside, image, "--image")
    assert etabli("erase", "--image", image, "--confirm", code).returncode == 0
    job = next(one for one in (data / "jobs").iterdir() if one.name[0] != ".")
    raw = bytearray((job / "journal.jsonl").read_bytes())
    raw[200] ^= 1
    (job / "journal.jsonl").write_bytes(bytes(raw))
    shown = json.loads(inside("jobs", "--json").stdout)[0]
    assert shown["claim"] == "none" and shown["reasons"][0]["code"] == "journal_damaged"
    said = inside("jobs").stdout
    assert "rien n'a été effacé" not in said and "nothing was erased" not in said
    nothing = inside("erase", "--resume")
    assert nothing.returncode == 0 and len(nothing.stderr.splitlines()) == 1
    named = inside("erase", "--resume", job.name, "--json")
    assert named.returncode == 4 and json.loads(named.stdout)["claim"] == "none"
