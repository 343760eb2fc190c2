"""Mutated papers, and good signatures under nonsense: none is taken, none is a bug of ours.

A few hundred in a plain run, 5,000 with `-m long`: each in at most 5 s of processor, all in
at most 300 MB.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.__main__ import main
from bench.documents import shortcode
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.handover import issue_handover
from bench.documents.paper import Issued
from bench.documents.reuse_attestation import issue_reuse_attestation
from bench.documents.signed import MAX_BYTES
from bench.records import log
from bench.records.signed import fingerprint, keys
from tests import forge, pace
from tests.unit.commands.conftest import ROOT
from tests.unit.commands.test_output import ODD, unseen
from tests.unit.documents.examples import donor_pack, handover_content, reuse_content, sheet
from tests.unit.documents.papers import CLEARED, CUT, GOOD, KEY, attestation, machine

MAX_RSS_KIB, MAX_CPU_S = 300 * 1024, 5
THIEF = keys.Key(b"\x66" * 32)
ISSUED: dict[str, Callable[[], Issued]] = {
    "attestation": lambda: issue_attestation(attestation(machine(GOOD, CUT, CLEARED)), KEY),
    "sheet": sheet,
    "donor_pack": lambda: donor_pack(3),
    "reuse": lambda: issue_reuse_attestation(reuse_content(), KEY),
    "handover": lambda: issue_handover(handover_content(), KEY),
}
NONSENSE: list[Any] = [
    *(None, True, 0, -1, 2**53 - 1, 2**53, 10**30, 1.5, float("nan"), float("inf"), "", " "),
    *("purge", "weird", ODD.replace("\ud800", ""), "x" * 3000, "{0}", "{code.__class__}", "%s"),
    *([], {}, [[]], {"": ""}, {"é": 1}, {"claim": {}}, [None] * 50, "2026-13-45T99:99:99Z"),
]


# What our words are looked up by: an odd one is where a bug would be.
TELLING = ("claim", "method", "code", "values", "issued_at", "hidden_areas", "notes", "schema")


def enveloped(kind: str, body: bytes, key: keys.Key) -> bytes:
    """A paper as `sign` writes it, around any bytes at all: the signature is right."""
    head = {
        "fingerprint": fingerprint.unchecked(key.public),
        "format": "etabli-signed-1",
        "key": key.public.hex(),
        "key_id": key.id,
    }
    tail = {
        "signature": key.sign(kind, body).hex(),
        "type": f"application/vnd.etabli.{kind}+json",
    }
    parts = (json.dumps(part, separators=(",", ":"))[1:-1].encode() for part in (head, tail))
    return b'{%s,"payload":%s,%s}\n' % (next(parts), body, next(parts))


def written(value: Any) -> bytes:
    """Canonical where it can be, else as near as JSON comes to it."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at]
    if isinstance(value, dict | list):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(item, (*at, name))
    return found


def odd(draw: random.Random, payload: Any) -> Any:
    """One to three places of a payload gone, doubled, moved or turned into something else."""
    whole = copy.deepcopy(payload)
    for _ in range(draw.choice([1, 1, 2, 3])):
        all_places = places(whole)
        telling = [at for at in all_places if at and at[-1] in TELLING]
        at = draw.choice(telling if telling and draw.random() < 0.4 else all_places)
        if not at:
            if draw.random() < 0.1:
                whole = copy.deepcopy(draw.choice(NONSENSE))
            continue
        inside = whole
        for step in at[:-1]:
            inside = inside[step]
        act, before = draw.randrange(7), inside[at[-1]]
        if act > 3:  # of the right type: what is left is what it says
            alike = [each for each in NONSENSE if type(each) is type(before)]
            inside[at[-1]] = copy.deepcopy(draw.choice(alike or NONSENSE))
        elif act == 0:
            del inside[at[-1]]
        elif act == 1 and isinstance(inside, list):
            inside.append(before)
        elif act == 2:
            inside[at[-1]] = {"a": before}
        else:
            inside[at[-1]] = copy.deepcopy(draw.choice(NONSENSE))
    return whole


def bytes_changed(draw: random.Random, whole: bytes) -> bytes:
    act = draw.randrange(5)
    start, end = sorted(draw.randrange(len(whole)) for _ in range(2))
    if act == 0:
        return whole[:start]
    if act == 1:
        return whole[:end] + whole[start:]
    if act == 2:
        return whole[:start] + draw.randbytes(draw.randint(1, 40)) + whole[start:]
    changed = bytearray(whole)
    for _ in range(draw.choice([1, 1, 2, 20])):
        changed[draw.randrange(len(changed))] ^= draw.randint(1, 255)
    return bytes(changed)


class Bed:
    """A bench that knows `KEY`, and every paper signed with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with contextlib.closing(forge.store_of(folder, "home").store) as store:
            log.trust(store, KEY.public, name="home", at="", how="fingerprint")
        self.issued = {kind: make() for kind, make in ISSUED.items()}
        self.payloads = {k: json.loads(i.json)["payload"] for k, i in self.issued.items()}

    def verify(self, data: bytes) -> tuple[int, str]:
        """The exit code and all that was told; in 5 s of processor."""
        path = self.folder / "paper"
        path.write_bytes(data)
        out, err, began = io.StringIO(), io.StringIO(), time.process_time()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["verify", str(path), "--data", str(self.folder / "home")])
        assert pace.within(time.process_time() - began, MAX_CPU_S)
        told = out.getvalue()
        assert not err.getvalue() and told and not unseen(told), (told, err.getvalue())
        return code, told

    def game(self, seed: int) -> None:
        draw = random.Random(seed)
        kind = draw.choice([*self.issued, *["attestation"] * 3])
        good = draw.choice([self.issued[kind].json, self.issued[kind].code.encode()])
        act = draw.randrange(4)
        if act == 0:
            changed = bytes_changed(draw, good)
            code, told = self.verify(changed)
            # A cut line end or a capital is no change of a code; every other byte is.
            same = good.startswith(b"ETAB") and code == 0 and self.verify(good)[1] == told
            assert code == 1 or changed == good or same, (seed, told)
        elif act < 3:
            mixed = draw.choice([*self.issued, *self.issued, "weird", "code", "event", "\x1b[2J"])
            self.verify_signed(seed, mixed if draw.random() < 0.15 else kind, draw)
        else:
            self.verify_code_signed(seed, kind, draw)

    def verify_signed(self, seed: int, kind: str, draw: random.Random) -> None:
        payload = odd(draw, self.payloads.get(kind, {"number": "1"}))
        body = written(payload)
        if draw.random() < 0.1:
            body = bytes_changed(draw, body)
        code, told = self.verify(enveloped(kind, body, THIEF))
        assert code in (1, 5), (seed, told)
        code, told = self.verify(enveloped(kind, body, KEY))
        assert code in (0, 1), (seed, told)
        assert "effacé" not in told or code == 1 or kind == "attestation"

    def verify_code_signed(self, seed: int, kind: str, draw: random.Random) -> None:
        raw = shortcode.decode(self.issued[kind].code.removeprefix(shortcode.PREFIX))
        assert raw is not None
        value = msgspec.msgpack.decode(raw[96:])
        try:
            body = msgspec.msgpack.encode(odd(draw, value))
        except OverflowError:  # 10**30: msgpack has no such numbers
            body = draw.randbytes(40)
        for key, taken in ((THIEF, 5), (KEY, 0)):
            whole = key.public + key.sign(shortcode.KIND, body) + body
            code, told = self.verify((shortcode.PREFIX + shortcode.encode(whole)).encode())
            assert code in (1, taken), (seed, told)


PAPERS = 1500  # a day


def play(count: int, seed: int = 0) -> int:
    """So many games, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        bed = Bed(Path(folder))
        for number in range(count):
            bed.game(seed + number)
    return 0


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Bed:
    return Bed(tmp_path_factory.mktemp("papers"))


@pytest.mark.long
@given(seed=st.integers(0, 2**64))
def test_no_mutant_is_taken(bed: Bed, seed: int) -> None:
    bed.game(seed)


@pytest.mark.long
def test_three_hundred_papers(bed: Bed) -> None:
    for seed in range(300):
        bed.game(seed)


COUNTED = """
import pathlib, sys, time
code = {call}
(kib,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
pathlib.Path(sys.argv[1]).write_text(f"{{code}} {{kib}} {{time.process_time()}}")
"""


def measured(call: str, *words: str) -> tuple[int, int, float, str]:
    """Exit code, KiB of memory at most, seconds of processor, what was told.

    Counted by the process itself: what the parent has in memory would count with `wait4`.
    """
    with tempfile.NamedTemporaryFile("r") as counts:
        program = [sys.executable, "-c", COUNTED.format(call=call), counts.name, *words]
        done = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        code, kib, cpu_s = counts.read().split()
        return int(code), int(kib), float(cpu_s), done.stdout + done.stderr


@pytest.mark.long
def test_the_papers_of_a_day() -> None:
    """Others every day, where CI plays them: a failure names the seed of its paper."""
    first = 1000 + (datetime.date.today().toordinal() * PAPERS if os.environ.get("CI") else 0)
    module = "__import__('tests.properties.test_papers_mutated', fromlist=['play'])"
    play = f"{module}.play({PAPERS}, {first})"
    _, kib, _, _ = measured(play)
    assert kib < MAX_RSS_KIB


ROOM = MAX_BYTES - 2000
HUGE: dict[str, Callable[[], bytes]] = {
    "too big": lambda: b'{"payload":"' + b"x" * (MAX_BYTES + 1),
    "far too big": lambda: b"[" + b"{}," * (30 << 20),
    "deep": lambda: enveloped("attestation", b"[" * 4_000_000 + b"]" * 4_000_000, THIEF),
    "lists": lambda: enveloped("attestation", b'{"a":[%s[]]}' % (b"[]," * (ROOM // 3)), THIEF),
    "maps": lambda: enveloped("attestation", b'{"a":[%s{}]}' % (b"{}," * (ROOM // 3)), THIEF),
    "floats": lambda: enveloped("attestation", b'{"a":[%s1]}' % (b"1.5," * (ROOM // 4)), THIEF),
    "numbers": lambda: enveloped("attestation", b'{"a":[%s1]}' % (b"999," * (ROOM // 4)), THIEF),
    "words": lambda: enveloped("attestation", b'{"a":[%s1]}' % (b'"ab",' * (ROOM // 5)), THIEF),
    "accents": lambda: enveloped("attestation", written({"a": "é" * (ROOM // 2)}), THIEF),
    "escapes": lambda: enveloped("attestation", b'{"a":"%s"}' % (b"\\u001b" * (ROOM // 6)), THIEF),
    "names": lambda: enveloped(
        "attestation", written({f"{number:07d}": 0 for number in range(ROOM // 13)}), THIEF
    ),
    "disks": lambda: enveloped("attestation", many_disks(), THIEF),
    "a code": lambda: b"ETABLI1:" + b"A" * (8 << 20),
}


def many_disks() -> bytes:
    payload = msgspec.to_builtins(attestation(machine(CUT)))
    payload["machines"][0]["disks"] = [{"claim": "none"}]
    one = written(payload)
    disk = b'{"claim":"none"}'
    return one.replace(disk, b",".join([disk] * ((ROOM - len(one)) // (len(disk) + 1) - 1)))


# One too big, one too deep, two of very many small things: the others are of these kinds.
ALWAYS = ("too big", "deep", "a code")


@pytest.mark.long
@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=() if what in ALWAYS else pytest.mark.long) for what in HUGE]
)
def test_a_huge_paper_costs_little(what: str, tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    path.write_bytes(HUGE[what]())
    for more in ((), ("--json",)):
        words = ("verify", str(path), *more, "--data", str(tmp_path / "none"))
        call = "__import__('bench.__main__', fromlist=['main']).main(sys.argv[2:])"
        code, kib, cpu_s, told = measured(call, *words)
        assert code in (1, 5) and "inattendu" not in told, told[:2000]
        assert kib < MAX_RSS_KIB and pace.within(cpu_s, MAX_CPU_S), (kib, cpu_s)
