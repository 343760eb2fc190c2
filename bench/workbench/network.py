"""The network made real on the live stick: what is plugged in, what is in the air, joining it."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path

from bench.guide.network import Lock, NetworkView
from bench.guide.supervision import Did
from bench.setup import wifi
from bench.words.catalogue import say
from diagnostics import durable
from diagnostics.command import Runner

IWD_FOLDER = Path("/var/lib/iwd")
SEARCH_S, HEARD_S, STEP_S = 12.0, 3.0, 0.25
SEARCHES, AGAIN_S = 3, 1.0
ADDRESSES = ("ip", "-json", "-4", "addr", "show", "scope", "global")


class NetworkDesk:
    """Asks iwd and the kernel. What was joined is kept in `kept`, on the stick; the image puts it
    back before iwd starts (live/system/network/wifi)."""

    def __init__(
        self,
        runner: Runner,
        kept: Path,
        *,
        folder: Path = IWD_FOLDER,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._runner = runner
        self._folders = (folder, kept)
        self._wait = wait

    def look(self, *, search: bool) -> NetworkView:
        objects = self._objects()
        for what in wifi.unpowered(objects):
            wifi.power(self._runner, what)
            objects = self._objects()
        addresses = addresses_of(self._runner.run(ADDRESSES).text)
        station = wifi.station_of(objects)
        if station is None:
            return NetworkView(cable=next(iter(addresses.values()), ""))
        if search:
            station = self._searched(station)
        mine = addresses.pop(station.device, "")
        cable = next(iter(addresses.values()), "")
        networks = wifi.strongest(wifi.ordered(self._runner, station), station.networks)
        return NetworkView(cable, True, mine, networks)

    def join(self, key: str, passphrase: str) -> Did:
        station = wifi.station_of(self._objects())
        network = station.networks.get(key) if station else None
        if network is None:
            return Did(False, say("network.gone"))
        if network.lock is Lock.OTHER:
            return Did(False, say("network.other"))
        before: list[tuple[Path, bytes | None]] = []
        if passphrase or not network.known:
            if network.lock is Lock.PASSPHRASE and not wifi.is_passphrase(passphrase):
                return Did(False, say("network.length"))
            name = wifi.file_name(key, network.lock)
            # iwd's own copy may be root's alone: the stick's is the same network.
            kept = _read(self._folders[1] / name)
            before = [(path := folder / name, _read(path) or kept) for folder in self._folders]
            try:
                for path, _ in before:
                    durable.write_whole(path, wifi.file_text(passphrase), make_folder=True)
            except OSError:
                _put_back(before)
                return Did(False, say("network.not_kept"))
            self._until(lambda: self._knows(key), HEARD_S)
        if wifi.connect(self._runner, key):
            return Did(True, say("network.joined_told", name=network.name))
        _put_back(before)
        return Did(False, say("network.refused", name=network.name))

    def _objects(self) -> str:
        return self._runner.run(wifi.OBJECTS).text

    def _knows(self, key: str) -> bool:
        station = wifi.station_of(self._objects())
        return station is not None and key in station.networks and station.networks[key].known

    def _searched(self, station: wifi.Station) -> wifi.Station:
        """What is heard once something is. A first listening often hears nothing: the card was
        off until now, or iwd was listening for itself and refused ours."""
        for _ in range(SEARCHES):
            station = self._listened(station)
            if station.networks:
                break
            self._wait(AGAIN_S)
        return station

    def _listened(self, station: wifi.Station) -> wifi.Station:
        wifi.search(self._runner, station)
        self._until(lambda: not wifi.is_searching(self._objects(), station), SEARCH_S)
        return wifi.station_of(self._objects()) or station

    def _until(self, true: Callable[[], bool], limit_s: float) -> None:
        """Wait for it, not for ever: what comes next says what it finds."""
        for _ in range(int(limit_s / STEP_S)):
            if true():
                return
            self._wait(STEP_S)


def addresses_of(text: str) -> dict[str, str]:
    """Each link's IPv4 address, by its name, from `ip -json`; pure, never raises."""
    try:
        links = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    found: dict[str, str] = {}
    for link in links if isinstance(links, list) else ():
        infos = link.get("addr_info") if isinstance(link, dict) else None
        for info in infos if isinstance(infos, list) else ():
            name, local = link.get("ifname"), info.get("local") if isinstance(info, dict) else None
            if isinstance(name, str) and isinstance(local, str):
                found.setdefault(name, local)
    return found


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _put_back(before: list[tuple[Path, bytes | None]]) -> None:
    """What did not join is forgotten; what was known before is as it was."""
    for path, data in before:
        with contextlib.suppress(OSError):
            if data is None:
                durable.drop(path)
            else:
                durable.write_whole(path, data)
