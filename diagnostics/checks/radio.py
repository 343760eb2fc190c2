"""Radio switches (rfkill), for Wi-Fi and Bluetooth."""

from __future__ import annotations

import msgspec

from diagnostics.asked import Command
from diagnostics.command import Runner
from diagnostics.sources.coerce import boolean

FOLDER = "/sys/class/rfkill"
ASKED: tuple[Command, ...] = (("rfkill", "unblock", frozenset(("wlan", "bluetooth"))),)


class Switch(msgspec.Struct, frozen=True):
    """One radio switch: `soft` can be lifted by us, `hard` is a key or slider of the machine."""

    name: str
    soft: bool | None
    hard: bool | None


def switches(runner: Runner, kind: str) -> tuple[Switch, ...]:
    """The switches of a kind ("wlan", "bluetooth")."""
    return tuple(
        Switch(
            name,
            boolean(runner.read(f"{FOLDER}/{name}/soft").text),
            boolean(runner.read(f"{FOLDER}/{name}/hard").text),
        )
        for name in runner.names(FOLDER) or ()
        if runner.read(f"{FOLDER}/{name}/type").text == kind
    )


def hard_off(found: tuple[Switch, ...]) -> bool:
    """Whether only a hand can switch the radio on."""
    return bool(found) and all(switch.hard for switch in found)


def soft_off(found: tuple[Switch, ...]) -> bool:
    return any(switch.soft for switch in found)


def unblock(runner: Runner, kind: str) -> None:
    """Lift our own side of the switches; whether it helped is read again afterwards."""
    runner.run(["rfkill", "unblock", kind], timeout_s=5)
