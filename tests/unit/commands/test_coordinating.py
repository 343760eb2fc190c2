"""`etabli keys coordinate`: a fresh folder publishes; only who heard its workshop believes it."""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.records import coordinating
from bench.records.day import pin
from bench.records.errors import RecordsError
from bench.records.log import Log, open_bench
from bench.records.signed import keys
from tests import forge

SHEET = ("--kind", "sheet", "--title", "Nettoyer un clavier")


def run(data: Path, *words: object) -> int:
    return main([*map(str, words), "--data", str(data)])


def role(data: Path, bench: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert run(data, "keys", "show", "--json") == 0
    told = json.loads(capsys.readouterr().out)["benches"]
    return str(next(each["role"] for each in told if each["bench"] == bench))


def workshop_of(data: Path) -> keys.Key:
    return keys.load(data / "keys" / "workshop.key")


def test_a_fresh_folder_becomes_the_coordination_and_publishes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    region, other = tmp_path / "region", tmp_path / "other"
    (tmp_path / "fiche.txt").write_text("Nettoyer : alcool, chiffon.\n", "utf-8")
    publish = ("pack", "publish", "clavier", tmp_path / "fiche.txt", *SHEET)
    assert run(region, *publish) == 3
    assert "etabli keys coordinate" in capsys.readouterr().err
    assert run(region, "keys", "coordinate") == 3  # it says what it would do, and does nothing
    assert "--this-bench" in capsys.readouterr().err
    assert run(region, *publish) == 3
    assert run(region, "keys", "coordinate", "--this-bench") == 0
    assert workshop_of(region).fingerprint in capsys.readouterr().out
    assert run(region, "keys", "coordinate", "--this-bench") == 0
    assert "déjà" in capsys.readouterr().out
    bench = keys.load(region / "keys" / "bench.key").id
    assert role(region, bench, capsys) == "coordination"
    assert run(region, *publish) == 0
    assert run(region, "log", "verify") == 0
    # Who knows that workshop as a member only believes neither the role nor the pack.
    out, heard = tmp_path / "region.zip", workshop_of(region).fingerprint
    assert run(region, "export", "--out", out) == 0
    assert run(other, "import", out, "--trust", heard) == 0
    assert role(other, bench, capsys) == "bench"
    assert run(other, "pack", "show", "clavier") == 2
    # Heard as a region's, it counts.
    member = tmp_path / "member"
    assert run(member, "import", out, "--trust", heard, "--region") == 0
    assert role(member, bench, capsys) == "coordination"
    assert run(member, "pack", "show", "clavier") == 0


def test_without_the_workshops_key_nobody_becomes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "bench"
    assert run(data, "keys", "show") == 0
    stolen = keys.Key(b"\x05" * 32)
    (data / "keys" / "workshop.key").unlink()
    assert run(data, "keys", "coordinate", "--this-bench") != 0
    log = open_bench(data, forge.Clock(), forge.Noise("b"))
    before = log.store.count()
    with pytest.raises(RecordsError, match="workshop_foreign"):  # nor by the key of another
        coordinating.coordinate(log, stolen)
    assert not log.coordinates and log.store.count() == before
    log.store.close()


def test_the_supervisors_code_is_asked_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "bench"
    log = open_bench(data, forge.Clock(), forge.Noise("b"))
    pin.choose(log, "258013")
    log.store.close()
    for typed, code in (("", 3), ("999111\n", 3), ("258013\n", 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert run(data, "keys", "coordinate", "--this-bench") == code
        log = open_bench(data, forge.Clock(), forge.Noise("b"))
        assert log.coordinates == (code == 0)
        log.store.close()


class Before:
    """A clock that somebody set back, before the folder was founded."""

    def now(self) -> datetime.datetime:
        return datetime.datetime(1970, 1, 2, tzinfo=datetime.UTC)


def test_a_clock_set_back_does_not_put_the_word_before_the_founding(tmp_path: Path) -> None:
    founded = open_bench(tmp_path / "bench", forge.Clock(), forge.Noise("b"))
    log = Log(founded.store, founded.key, Before(), forge.Noise("c"))
    assert coordinating.coordinate(log, workshop_of(tmp_path / "bench"))
    assert log.coordinates
    assert not coordinating.coordinate(log, workshop_of(tmp_path / "bench"))
