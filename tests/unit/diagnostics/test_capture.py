"""Recordings: same facts again, hostile archives refused, secrets gone everywhere."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from diagnostics.command import Problem, System
from diagnostics.probe import probe
from diagnostics.recording.anonymise import anonymise, substitute
from diagnostics.recording.capture import CaptureError, Recording, Replay, command_key, save
from diagnostics.recording.store import MAX_ENTRIES, load

MACHINES = Path(__file__).resolve().parents[2] / "machines"
LAPTOP = MACHINES / "laptop-sata-ssd"
MANIFEST = b'{"format": 1, "recorded_at": "2026-01-01T00:00:00Z"}'


@pytest.mark.parametrize("name", ["folder", "machine.zip"])
def test_this_machine_recorded_and_replayed_gives_identical_facts(
    tmp_path: Path, name: str
) -> None:
    recording = Recording(System())
    live = probe(recording, second_readers=False)
    count = recording.save(tmp_path / name, recorded_at="2026-01-01T00:00:00Z")
    assert count > 5
    assert probe(Replay(tmp_path / name), second_readers=False) == live


def test_what_nobody_recorded_is_said_to_be_unrecorded(tmp_path: Path) -> None:
    save({"manifest.json": MANIFEST}, tmp_path / "empty")
    replay = Replay(tmp_path / "empty")
    assert replay.run(["lscpu"]).problem is Problem.UNRECORDED
    assert replay.read("/proc/cpuinfo").problem is Problem.UNRECORDED
    assert replay.names("/sys") is None and replay.link("/sys/x") is None
    assert not replay.has("lscpu")
    machine = probe(replay)
    assert machine.unknown["cpu.model"] == "unrecorded"


def test_a_command_asked_again_gets_the_next_answer_then_the_last(tmp_path: Path) -> None:
    files = {"manifest.json": MANIFEST}
    for number, word in ((1, b"before"), (2, b"after")):
        files[f"commands/{number:03d}.json"] = json.dumps(
            {"argv": ["smartctl", "-x"], "exit_code": 0, "problem": None, "elapsed_s": 0.1}
        ).encode()
        files[f"commands/{number:03d}.out"] = word
    save(files, tmp_path / "two")
    replay = Replay(tmp_path / "two")
    assert [replay.run(["/usr/sbin/smartctl", "-x"]).text for _ in range(3)] == [
        "before",
        "after",
        "after",
    ]


def test_commands_are_found_again_whatever_the_interpreter() -> None:
    first = command_key(["/opt/venv/bin/python3.13", "-P", "/opt/a/dump.py"])
    assert first == command_key(["/usr/bin/python3", "-P", "/home/x/dump.py"])
    assert command_key(["/usr/sbin/smartctl", "/dev/sda"]) == ("smartctl", "/dev/sda")


def test_saving_over_something_is_refused(tmp_path: Path) -> None:
    files = {"manifest.json": MANIFEST}
    save(files, tmp_path / "a")
    save(files, tmp_path / "a.zip")
    for target in (tmp_path / "a", tmp_path / "a.zip"):
        with pytest.raises(CaptureError) as caught:
            save(files, target)
        assert caught.value.code == "exists"


def hostile(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("manifest.json", MANIFEST)
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a/../../b", "C:/x", "a\\..\\b", "a//b", "./a", "x" * 1500]
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = hostile(tmp_path / "x.zip", **{name: b"x"})
    with pytest.raises(CaptureError) as caught:
        Replay(path)
    assert caught.value.code == "hostile"


@pytest.mark.long
def test_a_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    big = hostile(tmp_path / "big.zip", **{"files/zero": b"\x00" * (9 << 20)})
    many = hostile(tmp_path / "many.zip", **{f"files/{i}": b"" for i in range(MAX_ENTRIES + 1)})
    whole = hostile(tmp_path / "sum.zip", **{f"files/{i}": b"\x00" * (8 << 20) for i in range(9)})
    for path in (big, many, whole):
        with pytest.raises(CaptureError) as caught:
            Replay(path)
        assert caught.value.code == "too_big"


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("files/x")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as archive:
        archive.writestr("manifest.json", MANIFEST)
        archive.writestr(entry, "/etc/passwd")
    folder = tmp_path / "folder"
    save({"manifest.json": MANIFEST}, folder)
    (folder / "files").symlink_to("/etc")
    for path in (tmp_path / "l.zip", folder):
        with pytest.raises(CaptureError) as caught:
            Replay(path)
        assert caught.value.code == "hostile"


@pytest.mark.long
def test_every_cut_of_a_zip_is_a_clear_refusal_or_a_machine(tmp_path: Path) -> None:
    save(load(LAPTOP), tmp_path / "whole.zip")
    data = (tmp_path / "whole.zip").read_bytes()
    path = tmp_path / "cut.zip"
    for end in range(0, len(data), max(1, len(data) // 97)):
        path.write_bytes(data[:end])
        with pytest.raises(CaptureError):
            Replay(path)
    for place in range(0, len(data), max(1, len(data) // 199)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        try:
            probe(Replay(path), second_readers=False)
        except CaptureError as error:
            assert error.code in {"corrupt", "hostile", "format", "too_big"}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"manifest.json": b"{"}, "corrupt"),
        ({"manifest.json": b"[]"}, "corrupt"),
        ({"other": b""}, "corrupt"),
        ({"manifest.json": b'{"format": 2}'}, "format"),
        ({"manifest.json": MANIFEST, "commands/001.json": b'{"argv": "x"}'}, "corrupt"),
        ({"manifest.json": MANIFEST, "files.json": b"7"}, "corrupt"),
    ],
)
def test_a_recording_that_makes_no_sense_is_refused(
    tmp_path: Path, files: dict[str, bytes], code: str
) -> None:
    save(files, tmp_path / "x")
    with pytest.raises(CaptureError) as caught:
        Replay(tmp_path / "x")
    assert caught.value.code == code


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaptureError) as caught:
        Replay(tmp_path / "none")
    assert caught.value.code == "missing"


SECRETS = {
    "laptop-sata-ssd": ["PF0ETAB7", "S3TWNX0ETAB417", "54:e1:ad:7e:ab:17", "7c1e52cc-2f1b"],
    "desktop-hdd-placeholders": ["W3TETAB9", "90:2b:34:7e:ab:19", "J8E0ETAB019", "7C1E0A04"],
    "laptop-nvme": ["5CD0ETAB31", "S4DYNX0ETAB312", "PKEAE0ETAB31XY", "4E71AB1C"],
    "laptop-locked-failing": ["7ETAB42", "X6ETAB42T", "10:65:30:7e:ab:42", "A7E1AB42"],
}


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(SECRETS))
def test_no_secret_is_left_anywhere_and_the_facts_still_fit_together(
    name: str, tmp_path: Path
) -> None:
    files = {k: v for k, v in load(MACHINES / name).items() if k != "expected.json"}
    changed = anonymise(files, b"k" * 32)
    everything = b"".join(key.encode() + data for key, data in changed.items())
    for secret in SECRETS[name]:
        for way in (secret, secret.upper(), secret.lower()):
            assert way.encode() not in everything
    save(changed, tmp_path / "other")
    before, after = probe(Replay(MACHINES / name)), probe(Replay(tmp_path / "other"))
    assert after.identity.model == before.identity.model
    assert after.identity.key != before.identity.key
    assert after.identity.key_source == before.identity.key_source
    assert len(after.identity.key or "") == len(before.identity.key or "")
    assert after.memory.total_bytes == before.memory.total_bytes
    assert after.unknown == before.unknown
    assert after.disagreements == before.disagreements
    assert [d.size_bytes for d in after.disks] == [d.size_bytes for d in before.disks]
    assert [d.model for d in after.disks] == [d.model for d in before.disks]
    assert [d.width_px for d in after.displays] == [d.width_px for d in before.displays]
    assert json.loads(changed["manifest.json"])["anonymised"] is True


def test_a_substitute_keeps_length_kind_of_sign_and_the_makers_half() -> None:
    key = os.urandom(32)
    for secret in ("PF0ETAB7", "54:e1:ad:7e:ab:17", "5002538e40e7ab17"):
        other = substitute(secret, key)
        assert len(other) == len(secret) and other != secret
        assert substitute(secret, key) == other
    assert substitute("54:e1:ad:7e:ab:17", key)[:9] == "54:e1:ad:"
    assert substitute("5002538e40e7ab17", key)[:7] == "5002538"
    assert substitute("PF0ETAB7", key).lower() == substitute("pf0etab7", key).lower()
    assert substitute("PF0ETAB7", key) != substitute("PF0ETAB7", os.urandom(32))
