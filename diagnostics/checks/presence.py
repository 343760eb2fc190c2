"""What the machine in hand shows, and what we may do: input of the plan.

A part is `False` only where the place it would be listed could be read and did not list
it; a folder that was never recorded or may not be read says nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from diagnostics.checks import bluetooth, ethernet, lid, picture_out, power, removable, sound_cards
from diagnostics.checks import wifi as wifi_scan
from diagnostics.checks.model import Capabilities
from diagnostics.command import Problem, Runner
from diagnostics.model import Machine
from diagnostics.sources import inputs

USB = "/sys/bus/usb/devices"
CLASSES = "/sys/class"


def capabilities(runner: Runner, machine: Machine, *, live: bool) -> Capabilities:
    """Look once; `live` is False for a replayed machine. Never raises."""
    present: dict[str, bool] = {}
    for check_id, look in _LOOKS.items():
        seen = look(runner, machine)
        if seen is not None:
            present[check_id] = seen
    return Capabilities(live=live, root=live and os.geteuid() == 0, present=present)


def _control(kinds: frozenset[str]) -> Callable[[Runner, Machine], bool | None]:
    def look(runner: Runner, machine: Machine) -> bool | None:
        del machine
        text = runner.read(inputs.PATH).text
        if text is None:
            return None
        return any(device.kind in kinds for device in inputs.parse(text)) or (
            "touchpad" in kinds and re.search(r"H: Handlers=.*\bmouse\d", text) is not None
        )

    return look


def _class_shows(runner: Runner, name: str) -> bool | None:
    """Whether `/sys/class/<name>` has entries; the class is missing where no driver loaded."""
    entries = runner.names(f"{CLASSES}/{name}")
    if entries is not None:
        return bool(entries)
    classes = runner.names(CLASSES)
    return None if classes is None else name in classes


def _camera(runner: Runner, machine: Machine) -> bool | None:
    if any(device.kind == "camera" for device in machine.devices):
        return True
    return _class_shows(runner, "video4linux")


def _wifi(runner: Runner, machine: Machine) -> bool | None:
    found = wifi_scan.ports(runner)
    if found or any(port.kind == "wifi" for port in machine.network):
        return True
    if wifi_scan.driverless(runner):
        return True  # there, though nothing drives it: the driver will say so
    return None if found is None else False


def _bluetooth(runner: Runner, machine: Machine) -> bool | None:
    if any(port.kind == "bluetooth" for port in machine.network):
        return True
    found = bluetooth.adapters(runner)
    return bool(found) if found is not None else _class_shows(runner, "bluetooth")


def _ethernet(runner: Runner, machine: Machine) -> bool | None:
    del machine
    found = ethernet.sockets(runner)
    return None if found is None else bool(found)


def _sound(runner: Runner, machine: Machine) -> bool | None:
    del machine
    content = runner.read(sound_cards.PATH)
    if content.text is not None:
        return sound_cards.speaker(sound_cards.parse(content.text)) is not None
    return False if content.problem is Problem.MISSING else None


def _microphone(runner: Runner, machine: Machine) -> bool | None:
    del machine
    content = runner.read(sound_cards.PATH)
    if content.text is not None:
        return sound_cards.microphone(sound_cards.parse(content.text)) is not None
    return False if content.problem is Problem.MISSING else None


def _optical(runner: Runner, machine: Machine) -> bool | None:
    del machine
    found = removable.optical_drives(runner)
    return None if found is None else bool(found)


def _card_reader(runner: Runner, machine: Machine) -> bool | None:
    if any(device.kind == "card_reader" for device in machine.devices) or removable.cards(runner):
        return True
    return None if runner.names(USB) is None and not machine.devices else False


def _lid(runner: Runner, machine: Machine) -> bool | None:
    if lid.sensor(runner) is not None:
        return True
    if any(device.kind == "lid" for device in machine.devices):
        return True
    return False if runner.names("/proc/acpi/button") is not None else None


def _battery(runner: Runner, machine: Machine) -> bool | None:
    if machine.batteries:
        return True
    seen = power.sample(runner, 0.0)
    return None if seen is None else seen.batteries > 0


def _backlight(runner: Runner, machine: Machine) -> bool | None:
    del machine
    return True if picture_out.light(runner) is not None else _class_shows(runner, "backlight")


_LOOKS: dict[str, Callable[[Runner, Machine], bool | None]] = {
    "keyboard": _control(frozenset({"keyboard"})),
    "pointer": _control(frozenset({"touchpad"})),
    "touch": _control(frozenset({"touch"})),
    "camera": _camera,
    "wifi": _wifi,
    "bluetooth": _bluetooth,
    "ethernet": _ethernet,
    "sound": _sound,
    "headphone": _sound,
    "microphone": _microphone,
    "optical": _optical,
    "card_reader": _card_reader,
    "lid": _lid,
    "battery": _battery,
    "backlight": _backlight,
}
