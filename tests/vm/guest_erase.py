"""Runs inside the test machine: probe, plan, prepare and run wipe jobs, as `bench` does.

    python3 -P -m tests.vm.guest_erase start JOBS REQUESTS AT_ONCE   (JSON file: see `start`)
    python3 -P -m tests.vm.guest_erase resume JOBS
    python3 -P -m tests.vm.guest_erase recheck JOBS

Prints one JSON object: path -> what came of it. Jobs run side by side, a few at a time.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.command import System
from diagnostics.model import Disk, DiskKind
from diagnostics.probe import probe
from diagnostics.reread import reread
from wipe.decide import guard
from wipe.decide.plan import Plan, Wish, plan
from wipe.job.asking import read_capabilities
from wipe.job.prepare import prepare, target_from_disk
from wipe.journal import journal, state
from wipe.model.capabilities import Capabilities
from wipe.model.spec import Options
from wipe.seen.reading import read_topology
from wipe.seen.topology import Topology

AT_ONCE = 4
QUICKLY = {"sample_count": 1010}  # just above the least that `claim.py` accepts


def _run_job(job: Path, limit_s: float, *more: str) -> dict[str, Any]:
    """`python -m wipe JOB` to its end, then the job's state as anybody reads it."""
    started = time.monotonic()
    try:
        code: int | None = subprocess.run(
            [sys.executable, "-P", "-m", "wipe", str(job), *more],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(job / "log.txt").open("ab"),
            timeout=limit_s,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        code = None
    return {"exit": code, "seconds": round(time.monotonic() - started, 1), **show(job)}


def show(job: Path) -> dict[str, Any]:
    """What a job folder says."""
    found = state.read(job)
    lines = journal.read(job)
    return {
        "job": job.name,
        "path": found.path,
        "status": found.status.value,
        "claim": found.claim.value,
        "reasons": [reason.code.value for reason in found.reasons],
        "technique": found.technique,
        "bad_sectors": found.bad_sectors,
        "planned": [one.name for one in found.spec.plan] if found.spec else [],
        "hidden_areas": found.hidden_areas,
        "failed_techniques": [
            {
                "technique": line.data.get("technique"),
                "reasons": [one.get("code") for one in line.data.get("reasons", [])],
            }
            for line in lines.all("technique_failed")
        ],
        "looks_from": [line.data.get("position_bytes") for line in lines.all("read_back")],
        "suspend": [{"slept": line.data.get("slept")} for line in lines.all("suspend")],
        "capabilities": one.data if (one := lines.last("capabilities")) else {},
        "kinds": [line.kind for line in lines.lines][-60:],
        "log": _end(job / "log.txt", 2000),
        "journal": _end(job / "journal.jsonl", 6000),
    }


def _end(path: Path, most: int) -> str:
    """The end of a file; a power cut may come before there is one."""
    return path.read_text(errors="replace")[-most:] if path.is_file() else ""


def _start_one(
    jobs: Path, request: dict[str, Any], disk: Disk, topology: Topology
) -> dict[str, Any]:
    target = target_from_disk(disk, topology)
    if target is None:
        return {"claim": "refused", "reasons": ["no_target"]}
    answer = guard.examine(topology, target)
    if not answer.allowed:
        return {"claim": "refused", "reasons": [one.code.value for one in answer.reasons]}
    believed = request.get("believe")
    can = read_capabilities(System(), target, jobs)
    if believed is not None:
        can = msgspec.convert(believed, Capabilities)
    options = msgspec.convert({**QUICKLY, **request.get("options", {})}, Options)
    wish = Wish(
        technique=request.get("technique", "auto"),
        passes=request.get("passes"),
        thaw=options.suspend_if_frozen,
    )
    made = plan(target, can, wish)
    if not isinstance(made, Plan):
        return {"claim": "refused", "reasons": [made.reason.code.value], "step": made.step.value}
    job = prepare(
        jobs,
        target,
        made,
        now=lambda: datetime.datetime.now(datetime.UTC),
        random=os.urandom,
        options=options,
        tool_version="etabli test",
    )
    notes = [one.code.value for one in made.notes]
    done = _run_job(job, request.get("limit_s", 900))
    return {**done, "notes": notes, "kind": target.disk_kind.value}


def _known(runner: System, disk: Disk) -> Disk:
    """Read again, alone, a disk that the probe had no time for: emulation is slow."""
    return reread(runner, disk.path, known=disk) if disk.kind is DiskKind.UNKNOWN else disk


def start(jobs: Path, requests: list[dict[str, Any]], at_once: int) -> dict[str, Any]:
    """Each request is `{"path": "/dev/sda", "technique"?, "passes"?, "options"?, "limit_s"?}`.

    `"jobs"?` is another folder than `jobs`, for a job that the others shall not know of.
    `"believe"?` are capabilities to plan with, as they were before something changed.
    """
    runner = System()
    disks = {disk.path: _known(runner, disk) for disk in probe(runner, second_readers=False).disks}
    topology = read_topology(runner)

    def one(request: dict[str, Any]) -> dict[str, Any]:
        path = request["path"]
        disk = disks.get(path) or _known(runner, Disk(path=path, name=Path(path).name))
        return _start_one(Path(request.get("jobs", jobs)), request, disk, topology)

    with ThreadPoolExecutor(at_once) as pool:
        answers = list(pool.map(one, requests))
    return {request["path"]: answer for request, answer in zip(requests, answers, strict=True)}


def resume(jobs: Path) -> dict[str, Any]:
    """Run every job of the folder that has no last line; give all, by job id."""
    left = [one for one in state.list_jobs(jobs) if one.status is not state.Status.DONE]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: _run_job(jobs / one.id, 900), left))
    return {one.id: show(jobs / one.id) for one in state.list_jobs(jobs)}


def recheck(jobs: Path) -> dict[str, Any]:
    """A second look at every job that ended; what came of it, by job id."""
    ended = [one for one in state.list_jobs(jobs) if one.status is state.Status.DONE]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda one: _run_job(jobs / one.id, 900, "--recheck"), ended)
        return {one.id: answer for one, answer in zip(ended, found, strict=True)}


def main(words: list[str]) -> None:
    jobs = Path(words[1])
    jobs.mkdir(parents=True, exist_ok=True)
    if words[0] == "start":
        found = start(jobs, json.loads(Path(words[2]).read_text()), int(words[3]))
    elif words[0] == "resume":
        found = resume(jobs)
    elif words[0] == "recheck":
        found = recheck(jobs)
    else:
        found = {one.id: show(jobs / one.id) for one in state.list_jobs(jobs)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
