"""Wi-Fi as iwd tells of it: recorded answers, hostile names, files, and what a failure leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.guide.network import Lock, NetworkView
from bench.setup import wifi
from bench.workbench.network import ADDRESSES, NetworkDesk, addresses_of
from diagnostics.command import Completed, Content, Problem

RECORDED = json.loads((Path(__file__).parent / "iwd.json").read_text("utf-8"))
STATION = "/net/connman/iwd/5/16"


class Air:
    """A machine whose iwd answers as it was recorded; it joins who has the right passphrase."""

    def __init__(self, folder: Path, passphrase: str = "atelier des weppes") -> None:
        self.folder = folder
        self.sulks = False  # as iwd does once after a wrong passphrase
        self.right = wifi.file_text(passphrase)
        self.asked: list[tuple[str, ...]] = []
        self.objects: Any = RECORDED["objects"]
        self.unheard = 0  # searches that will hear nothing
        self.ordered: Any = RECORDED["ordered"]

    def run(self, argv: Any, *, timeout_s: float = 10, stdin: bytes | None = None) -> Completed:
        words = tuple(argv)
        self.asked.append(words)
        code, out = 0, ""
        if words == wifi.OBJECTS:
            out = json.dumps(self.objects)
            if self.unheard > 0:
                out = out.replace('net.connman.iwd.Network"', '"')
        elif words[-1] == "Scan":
            self.unheard -= 1
        elif words[-1] == "GetOrderedNetworks":
            out = json.dumps(self.ordered)
        elif words == ADDRESSES:
            out = RECORDED["addresses"]
        elif words[-1] == "Connect":
            files = list(self.folder.iterdir()) if self.folder.exists() else []
            code = int(not any(file.read_bytes() == self.right for file in files))
            if self.sulks:
                self.sulks = False
                return Completed(words, 1, b"", b"Call failed: No Agent registered\n", 0.1)
            self.sulks = bool(code)
        return Completed(words, code, out.encode(), b"", 0.0)

    def read(self, path: str) -> Content:
        return Content(path, None, Problem.MISSING)

    def names(self, path: str) -> tuple[str, ...] | None:
        return None

    def link(self, path: str) -> str | None:
        return None

    def has(self, tool: str) -> bool:
        return True


@pytest.fixture
def air(tmp_path: Path) -> Air:
    return Air(tmp_path / "iwd")


def desk(air: Air, tmp_path: Path) -> NetworkDesk:
    return NetworkDesk(air, tmp_path / "kept", folder=air.folder, wait=lambda _: None)


def key(view: NetworkView, name: str) -> str:
    return next(one.key for one in view.networks if one.name == name)


def test_what_is_in_the_air_the_strongest_first(air: Air, tmp_path: Path) -> None:
    view = desk(air, tmp_path).look(search=True)
    assert view.cable == "10.0.2.15" and view.wifi
    assert [one.name for one in view.networks] == [one[0] for one in RECORDED["told"]]
    assert [one.lock.value for one in view.networks] == [one[1] for one in RECORDED["told"]]
    assert all(1 <= one.bars <= 4 for one in view.networks)
    assert ("Scan" in (words[-1] for words in air.asked)) is True


@pytest.mark.parametrize(("unheard", "searches"), [(1, 1), (2, 2), (3, 3), (9, 3)])
def test_hearing_nothing_it_listens_again_and_then_says_so(
    air: Air, tmp_path: Path, unheard: int, searches: int
) -> None:
    air.unheard = unheard
    view = desk(air, tmp_path).look(search=True)
    assert bool(view.networks) is (unheard <= 3)
    assert [words[-1] for words in air.asked].count("Scan") == searches


def test_a_passphrase_is_kept_in_two_files_and_in_no_argument(air: Air, tmp_path: Path) -> None:
    bench = desk(air, tmp_path)
    did = bench.join(key(bench.look(search=False), "Atelier"), "atelier des weppes")
    assert did.ok
    for folder in (air.folder, tmp_path / "kept"):
        (file,) = folder.iterdir()
        assert file.name == "Atelier.psk" and file.stat().st_mode & 0o777 == 0o600
        assert file.read_bytes() == b"[Security]\nPassphrase=atelier\\sdes\\sweppes\n"
    assert not [words for words in air.asked if "weppes" in " ".join(words)]


def test_a_wrong_passphrase_leaves_what_was_there(air: Air, tmp_path: Path) -> None:
    bench = desk(air, tmp_path)
    network = key(bench.look(search=False), "Atelier")
    assert not bench.join(network, "not the right one").ok
    assert list(air.folder.iterdir()) == list((tmp_path / "kept").iterdir()) == []
    assert bench.join(network, "atelier des weppes").ok
    assert not bench.join(network, "not the right one").ok
    assert (tmp_path / "kept" / "Atelier.psk").read_bytes() == air.right


def test_what_cannot_be_read_of_iwds_own_comes_back_from_the_stick(
    air: Air, tmp_path: Path
) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "Atelier.psk").write_bytes(air.right)
    bench = desk(air, tmp_path)
    assert not bench.join(key(bench.look(search=False), "Atelier"), "not the right one").ok
    assert (air.folder / "Atelier.psk").read_bytes() == air.right


@pytest.mark.parametrize("bad", ["court", "é" * 12, "x" * 64, "tab\tulator", "line\nend of it"])
def test_what_is_no_passphrase_is_written_nowhere(air: Air, tmp_path: Path, bad: str) -> None:
    bench = desk(air, tmp_path)
    assert not bench.join(key(bench.look(search=False), "Atelier"), bad).ok
    assert not air.folder.exists() and not (tmp_path / "kept").exists()


def test_a_network_that_went_and_one_that_is_not_for_us(air: Air, tmp_path: Path) -> None:
    bench = desk(air, tmp_path)
    assert not bench.join(f"{STATION}/{b'gone'.hex()}_psk", "atelier des weppes").ok
    assert not bench.join("/etc/passwd", "atelier des weppes").ok
    office = next(one for one in bench.look(search=False).networks if one.lock is Lock.OTHER)
    assert not bench.join(office.key, "atelier des weppes").ok
    assert not air.folder.exists()


def test_no_wifi_and_no_iwd(air: Air, tmp_path: Path) -> None:
    air.objects = {"type": "a{oa{sa{sv}}}", "data": [{}]}
    assert desk(air, tmp_path).look(search=True) == NetworkView(cable="10.0.2.15")
    air.objects = "Failed to call"
    assert desk(air, tmp_path).look(search=True) == NetworkView(cable="10.0.2.15")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Café".encode(), "Café"),
        (b"../../etc/cron.d/x", "../../etc/cron.d/x"),
        (b"\x1b[2J\x07\x00", "?[2J??"),
        (b"\xff" * 32, "?" * 32),
        ("a\u202eb\U0001f4f6".encode(), "a?b?"),
        (b"Les Weppes_2-5", "Les Weppes_2-5"),
    ],
)
def test_a_name_is_anybodys_choice(name: bytes, told: str) -> None:
    path = f"{STATION}/{name.hex()}_psk"
    assert wifi.name_of(path) == name and wifi.shown(name) == told
    stem = told if name.startswith(b"Les") else f"={name.hex()}"
    assert wifi.file_name(path, Lock.PASSPHRASE) == f"{stem}.psk"


@given(st.binary(min_size=1, max_size=32))
def test_every_name_gives_a_file_in_its_folder_and_text_that_moves_nothing(name: bytes) -> None:
    path = f"{STATION}/{name.hex()}_psk"
    file = wifi.file_name(path, Lock.PASSPHRASE)
    assert Path(file).name == file and len(file) < 80 and not file.startswith(".")
    assert wifi.shown(name).isprintable()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["data", STATION, f"{wifi.IWD}.Station", f"{wifi.IWD}.Device", "Name"])
            | st.text(),
            inner,
        )
    ),
    max_leaves=12,
)


@given(_JSON.map(json.dumps) | st.text())
def test_whatever_is_answered_nothing_raises(text: str) -> None:
    station = wifi.station_of(text)
    wifi.unpowered(text)
    wifi.strongest(text, {})
    addresses_of(text)
    if station is not None:
        wifi.is_searching(text, station)


def crowd(air: Air, names: list[bytes], *, known: bool = False) -> None:
    """Let these networks be in the air instead of the recorded ones, the first the strongest."""
    (objects,) = air.objects["data"]
    kept = {path: part for path, part in objects.items() if not wifi.name_of(path)}
    paths = [f"{STATION}/{name.hex()}_psk" for name in names]
    for path in paths:
        part: dict[str, Any] = {"Type": {"data": "psk"}, "Connected": {"data": False}}
        if known:
            part["KnownNetwork"] = {"data": "/x"}
        kept[path] = {f"{wifi.IWD}.Network": part}
    air.objects = {"data": [kept]}
    air.ordered = {"data": [[[path, -4000 - 100 * at] for at, path in enumerate(paths)]]}
