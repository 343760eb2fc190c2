"""Parts around the board: network links, sound cards, graphics, heat, power. From sysfs, procfs."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.inventory import (
    CoolingPart,
    GraphicsCard,
    Inventory,
    NetworkLink,
    PowerSupply,
    SoundCard,
    ThermalZone,
)
from diagnostics.sources.block_queues import slot_of
from diagnostics.sources.coerce import integer, text
from diagnostics.sources.hwmon import celsius
from diagnostics.sources.sysfs import Folder

_CARD = re.compile(r"^ *(\d{1,2}) \[(.{0,20}?) *\]: *(.{0,60}?) - (.{0,120})$", re.MULTILINE)
_CODEC = re.compile(r"^Codec: (.{1,80})$", re.MULTILINE)
_STREAM = re.compile(r"^(\d\d-\d\d): ([^:]{0,60}) : .{0,60}? : (.{1,60})$", re.MULTILINE)


def read(runner: Runner) -> Findings:
    """What there is of each kind."""
    return Findings(
        inventory=Inventory(
            network=_network(runner),
            sound=_sound(runner),
            graphics=_graphics(runner),
            thermal=_thermal(runner),
            cooling=_cooling(runner),
            supplies=_supplies(runner),
        )
    )


def _network(runner: Runner) -> tuple[NetworkLink, ...]:
    found = []
    for name in Folder(runner, "/sys/class/net").names()[:64]:
        here = Folder(runner, f"/sys/class/net/{name}")
        device = runner.link(f"{here.path}/device")
        if name == "lo" or device is None:
            continue
        queues = [queue for queue in here.names("queues") if queue.startswith("rx-")]
        duplex = here.text("duplex", 20)
        found.append(
            NetworkLink(
                name=name,
                address_length=here.number("addr_len", 1, 64),
                mtu=here.number("mtu", 1, 1 << 20),
                state=here.text("operstate", 20),
                duplex=None if duplex == "unknown" else duplex,
                queues=len(queues) or None,
                device=text(device.rpartition("/")[2], 60),
            )
        )
    return tuple(found)


def _sound(runner: Runner) -> tuple[SoundCard, ...]:
    streams = runner.read("/proc/asound/pcm").text or ""
    cards = sound_cards(runner.read("/proc/asound/cards").text or "", streams)
    found = []
    for card in cards:
        here = Folder(runner, f"/proc/asound/card{card.number}")
        texts = [
            runner.read(f"{here.path}/{name}").text or ""
            for name in here.names()
            if re.fullmatch(r"codec#\d{1,2}", name)
        ]
        codecs = tuple(name for text in texts[:16] if (name := codec(text)))
        found.append(SoundCard(card.number, card.id, card.name, card.driver, codecs, card.streams))
    return tuple(found)


def sound_cards(cards: str, streams: str = "") -> tuple[SoundCard, ...]:
    """Of `/proc/asound/cards`, with the streams of `/proc/asound/pcm`."""
    told: dict[int, list[str]] = {}
    for place, name, way in _STREAM.findall(streams[:20_000]):
        told.setdefault(int(place[:2]), []).append(f"{name.strip()} {way.strip()}")
    return tuple(
        SoundCard(
            number=int(number),
            id=text(id),
            name=text(name),
            driver=text(driver),
            streams=tuple(told.get(int(number), ()))[:32],
        )
        for number, id, driver, name in _CARD.findall(cards[:20_000])
    )


def codec(source: str) -> str | None:
    """The chip's name of a `codec#0` file: "Realtek ALC256"."""
    found = _CODEC.search(source[:2000])
    return text(found[1], 80) if found else None


def _graphics(runner: Runner) -> tuple[GraphicsCard, ...]:
    names = Folder(runner, "/sys/class/drm").names()
    found = []
    for name in names:
        if not re.fullmatch(r"card\d{1,2}", name):
            continue
        here = Folder(runner, f"/sys/class/drm/{name}")
        found.append(
            GraphicsCard(
                name=name,
                driver=here.target("device/driver"),
                slot=slot_of(runner.link(f"{here.path}/device")),
                memory_bytes=here.number("device/mem_info_vram_total", 1),
                sockets=tuple(n.partition("-")[2][:40] for n in names if n.startswith(f"{name}-")),
            )
        )
    return tuple(found)


def _thermal(runner: Runner) -> tuple[ThermalZone, ...]:
    found = []
    for name in Folder(runner, "/sys/class/thermal").names():
        if not name.startswith("thermal_zone"):
            continue
        here = Folder(runner, f"/sys/class/thermal/{name}")
        trips = [n for n in here.names() if re.fullmatch(r"trip_point_\d{1,2}_type", n)]
        limit = next((t[:-5] for t in trips if here.text(t, 20) == "critical"), None)
        told = here.text(f"{limit}_temp", 20) if limit else None
        found.append(
            ThermalZone(name, here.text("type", 40), celsius(here.text("temp", 20)), celsius(told))
        )
    return tuple(found)


def _cooling(runner: Runner) -> tuple[CoolingPart, ...]:
    found = []
    for name in Folder(runner, "/sys/class/thermal").names()[:128]:
        here = Folder(runner, f"/sys/class/thermal/{name}")
        if name.startswith("cooling_device"):
            found.append(
                CoolingPart(name, here.text("type", 40), integer(here.number("max_state"), 0))
            )
    return tuple(found)


def _supplies(runner: Runner) -> tuple[PowerSupply, ...]:
    """A battery's facts are read by `battery`; here only that it and the mains are there."""
    found = []
    for name in Folder(runner, "/sys/class/power_supply").names()[:32]:
        here = Folder(runner, f"/sys/class/power_supply/{name}")
        found.append(PowerSupply(name[:40], here.text("type", 20), here.flag("online")))
    return tuple(found)
