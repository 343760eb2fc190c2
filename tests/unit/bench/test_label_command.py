"""`etabli label` as a person uses it: print, list what waits, send, say what came out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.casefile import writing
from bench.records.log import open_bench
from labels import proof
from labels.printers import brother_ql, zpl
from tests.unit.documents.recorded import ASSETS, FixedClock, record
from tests.unit.labels.printer_stand_in import printer

READY = b"\x80\x20\x42" + bytes([0x30, 0x38, 0, 0, 0, 0, 0, 62, 0x0A]) + bytes(20)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    record(folder)
    return folder


def run(data: Path, *words: str) -> int:
    return main(["label", *words, "--data", str(data)])


def printed(data: Path) -> list[str]:
    log = open_bench(data, FixedClock())
    try:
        return [e.data["target"] for e in log.events() if e.type == "label.printed"]
    finally:
        log.store.close()


@pytest.mark.long
def test_a_test_label_to_a_zebra_leaves_no_trace(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with printer() as stand_in:
        assert run(data, "DEMO", "--print", f"{stand_in.address}?quiet", "--to", "zpl") == 0
        label = stand_in.wait_for(1)[-1]
    assert proof.read_codes(zpl.decode(label))[0] == ("DEMOC00-000001-H",)
    assert "imprimée" in capsys.readouterr().out
    assert printed(data) == []


def test_off_listed_then_sent(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(data, "--queue") == 0
    assert "Aucune étiquette" in capsys.readouterr().out
    assert run(data, ASSETS[0], "--print", "usb:/dev/usb/lp99") == 4
    assert "ne répond pas" in capsys.readouterr().err
    assert run(data, "--queue") == 0
    assert f"L'étiquette {ASSETS[0]} attend" in capsys.readouterr().out
    assert run(data, "--queue", "send") == 4
    with printer(status=READY) as stand_in:
        # The printer was changed: asked again, the label replaces the one that waits.
        assert run(data, ASSETS[0], "--print", stand_in.address) == 0
        (label,) = stand_in.wait_for(1)
    assert proof.read_codes(brother_ql.decode(label))[0] == (ASSETS[0],)
    assert run(data, "--queue", "send") == 0
    assert printed(data) == ["ql"]


@pytest.mark.parametrize(("act", "count"), [("printed", 1), ("again", 0)])
def test_a_label_in_doubt_is_settled(
    data: Path, act: str, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with printer("half", status=READY) as stand_in:
        assert run(data, ASSETS[0], "--print", stand_in.address) == 4
    assert run(data, "--queue") == 0
    assert "est-elle sortie" in capsys.readouterr().out
    assert run(data, "--queue", act) == 2  # which one?
    assert run(data, ASSETS[1], "--queue", act) == 2
    assert run(data, ASSETS[0], "--queue", act) == 0
    assert len(printed(data)) == count
    assert run(data, ASSETS[0], "--queue", "cancel") == (2 if act == "printed" else 0)
    assert run(data, "--queue", "send") == 0
    assert len(printed(data)) == count


def test_a_wrong_wish_is_wrong_use_and_nothing_waits(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "label.bin")
    assert run(data, ASSETS[0], "--to", "pt", "--size", "62x29", "--out", out) == 2
    assert "ne va pas dans l'imprimante" in capsys.readouterr().err
    assert run(data, ASSETS[0], "--print", "tcp://no where") == 4
    assert "n'est pas comprise" in capsys.readouterr().err
    assert run(data, "--queue") == 0
    assert "Aucune étiquette" in capsys.readouterr().out


def test_a_label_left_for_later_is_listed_until_it_is_out(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No printer had it, so it lies in no queue: who prints must hear of it all the same."""
    log = open_bench(data, FixedClock())
    try:
        for asset, outcome in zip(ASSETS, ("label_later", "ready"), strict=False):
            device = writing.must_act(log, asset)
            log.append("visit.done", {"outcome": outcome}, device=device)
    finally:
        log.store.close()
    assert run(data, "--queue") == 0
    said = capsys.readouterr().out
    assert f"etabli label {ASSETS[0]} --print" in said and ASSETS[1] not in said
    assert "Aucune étiquette" not in said
    assert run(data, "--queue", "--json") == 0
    (waits,) = json.loads(capsys.readouterr().out)
    assert (waits["asset"], waits["state"]) == (ASSETS[0], "later") and waits["text"]
    assert run(data, ASSETS[0], "--print", "usb:/dev/usb/lp99") == 4  # from now on it lies there
    capsys.readouterr()
    assert run(data, "--queue", "--json") == 0
    assert [each["state"] for each in json.loads(capsys.readouterr().out)] == ["queued"]
    with printer(status=READY) as stand_in:
        assert run(data, ASSETS[0], "--print", stand_in.address) == 0
    capsys.readouterr()
    assert run(data, "--queue") == 0
    assert "Aucune étiquette" in capsys.readouterr().out


def test_a_list_of_labels_founds_no_bench(tmp_path: Path) -> None:
    assert run(tmp_path / "new", "--queue") == 0
    assert not list((tmp_path / "new").rglob("*.db"))
