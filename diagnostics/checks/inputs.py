"""Keyboards, pointers and switches of the machine, read with evdev.

The only file that opens input devices. A grabbed keyboard speaks to nobody else, so
the screens behind do not react to the keys that are being tested.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.checks.context import failed, untestable
from diagnostics.checks.model import CheckReason, CheckResult

EV_KEY, EV_REL, EV_ABS, EV_SW = 1, 2, 3, 5
BUS_USB, BUS_BLUETOOTH = 3, 5
PROP_POINTER, PROP_DIRECT, PROP_BUTTONPAD, PROP_STICK = 0, 1, 2, 5
_KEY_Q, _KEY_P, _KEY_SPACE = 16, 25, 57
_BTN_LEFT, _BTN_TOUCH = 0x110, 0x14A
_ABS_X, _ABS_Y, _MT_X, _MT_Y = 0x00, 0x01, 0x35, 0x36
_TICK_S = 0.1
FOLDER = "/dev/input"


class Event(msgspec.Struct, frozen=True):
    """One input event. `device` numbers the device within this reading."""

    time_s: float
    type: int
    code: int
    value: int
    device: int = 0


class Axis(msgspec.Struct, frozen=True):
    code: int
    low: int
    high: int


class Input(msgspec.Struct, frozen=True):
    """One input device as it describes itself."""

    path: str
    name: str
    bus: int
    keys: frozenset[int] = frozenset()
    relative: frozenset[int] = frozenset()
    axes: tuple[Axis, ...] = ()
    switches: frozenset[int] = frozenset()
    properties: frozenset[int] = frozenset()
    soldered: bool = False  # on USB, but the firmware says that it cannot be unplugged

    @property
    def own(self) -> bool:
        """Part of the machine, not something plugged into it at the bench."""
        inside = self.bus not in (BUS_USB, BUS_BLUETOOTH)
        return inside or self.soldered or "internal" in self.name.casefold()

    def axis(self, *codes: int) -> Axis | None:
        """The first of these axes the device has."""
        known = {axis.code: axis for axis in self.axes}
        return next((known[code] for code in codes if code in known), None)


class Refused(Exception):
    """The devices cannot be opened; `reason` says why."""

    def __init__(self, reason: CheckReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def devices() -> tuple[Input, ...]:
    """All input devices. Raises `Refused` where none may be opened."""
    import evdev

    found: list[Input] = []
    denied = False
    # list_devices() itself leaves out what we may not open, so the folder is read by hand.
    for path in _paths():
        try:
            device = evdev.InputDevice(path)
        except PermissionError:
            denied = True
        except OSError:
            continue
        else:
            found.append(_describe(device))
            device.close()
    if not found and denied:
        raise Refused(CheckReason.DENIED)
    return tuple(found)


def _paths() -> list[str]:
    try:
        names = [entry.name for entry in Path(FOLDER).iterdir()]
    except OSError:
        return []
    numbers = sorted(int(n[5:]) for n in names if n.startswith("event") and n[5:].isdigit())
    return [f"{FOLDER}/event{number}" for number in numbers]


def _describe(device: Any) -> Input:
    can: dict[int, list[Any]] = device.capabilities(absinfo=True)
    axes = tuple(Axis(code, info.min, info.max) for code, info in can.get(EV_ABS, []))
    return Input(
        path=device.path,
        name=device.name,
        bus=device.info.bustype,
        keys=frozenset(can.get(EV_KEY, [])),
        relative=frozenset(can.get(EV_REL, [])),
        axes=axes,
        switches=frozenset(can.get(EV_SW, [])),
        properties=frozenset(device.input_props()),
        soldered=_soldered(device.path),
    )


def _soldered(path: str) -> bool:
    """Whether the firmware calls the USB device behind an input "fixed" (Apple's keyboards)."""
    try:
        folder = Path("/sys/class/input", Path(path).name, "device").resolve(strict=True)
        for above in folder.parents:
            if (mark := above / "removable").is_file():
                return mark.read_text().strip() == "fixed"
    except OSError:
        pass
    return False


def keyboards(found: tuple[Input, ...], *, foreign: bool = False) -> tuple[Input, ...]:
    """The machine's own keyboards.

    A keyboard plugged in at the bench (a bar code scanner is one too) says nothing about
    a laptop's own: taken only with `foreign`, where there is no other.
    """
    full = [device for device in found if {_KEY_Q, _KEY_P, _KEY_SPACE} <= device.keys]
    return _own(full, foreign)


def pointers(found: tuple[Input, ...], *, foreign: bool = False) -> tuple[Input, ...]:
    """Touchpads and sticks of the machine; with `foreign` any mouse where there is none."""
    pads = [
        device
        for device in found
        if PROP_DIRECT not in device.properties
        and _BTN_LEFT in device.keys
        and (device.relative >= {0, 1} or device.axis(_ABS_X, _MT_X) is not None)
    ]
    # Beside an I2C touchpad the PS/2 port often shows a mouse that does not exist: where
    # there is a touchpad, only what calls itself a stick is asked for besides.
    touchpads = [pad for pad in pads if PROP_POINTER in pad.properties and pad.axes]
    sticks = [pad for pad in pads if _stick(pad)]
    chosen = _own([*touchpads, *(s for s in sticks if s not in touchpads)], False)
    return chosen if touchpads and chosen else _own(pads, foreign)


def _stick(device: Input) -> bool:
    name = device.name.casefold()
    return PROP_STICK in device.properties or "trackpoint" in name or "stick" in name


def touch_screens(found: tuple[Input, ...]) -> tuple[Input, ...]:
    """Screens that are touched: direct, with two axes."""
    return tuple(
        device
        for device in found
        if PROP_DIRECT in device.properties
        and device.axis(_MT_X, _ABS_X) is not None
        and device.axis(_MT_Y, _ABS_Y) is not None
        and (_BTN_TOUCH in device.keys or device.axis(_MT_X) is not None)
    )


def _own(found: list[Input], foreign: bool) -> tuple[Input, ...]:
    own = [device for device in found if device.own]
    return tuple(own or (found if foreign else ()))


def no_own(check_id: str, kind: str | None) -> CheckResult:
    """A laptop without a keyboard or pointer of its own is broken; others may have none."""
    if kind == "laptop":
        return failed(check_id, CheckReason.NOT_SEEN)
    return untestable(check_id, CheckReason.UNREADABLE)


def may_be_foreign(kind: str | None) -> bool:
    """Machines that come without keyboard and mouse are tested with the bench's."""
    return kind not in (None, "laptop", "tablet", "unknown")


@contextmanager
def grab(chosen: tuple[Input, ...]) -> Iterator[list[Any]]:
    """Open and grab devices for us alone; let go whatever happens. Raises `Refused`."""
    import evdev

    with ExitStack() as stack:
        opened = []
        for wanted in chosen:
            try:
                device = evdev.InputDevice(wanted.path)
                stack.callback(device.close)
                device.grab()
                stack.callback(_release, device)
            except PermissionError:
                raise Refused(CheckReason.DENIED) from None
            except OSError:
                raise Refused(CheckReason.UNREADABLE) from None
            opened.append(device)
        yield opened


def _release(device: Any) -> None:
    try:
        device.ungrab()
    except OSError:
        pass  # unplugged while we looked


def held_keys(opened: list[Any]) -> tuple[int, ...]:
    """Keys that are down before anybody pressed one."""
    held: set[int] = set()
    for device in opened:
        try:
            held.update(device.active_keys())
        except OSError:
            continue
    return tuple(sorted(held))


def follow(opened: list[Any], feed: Callable[[Event], None], go_on: Callable[[], bool]) -> None:
    """Hand every event to `feed` until `go_on` says no or the last device is unplugged."""
    left = {device.fd: (number, device) for number, device in enumerate(opened)}
    while left and go_on():
        ready, _, _ = select.select(list(left), [], [], _TICK_S)
        for descriptor in ready:
            number, device = left[descriptor]
            try:
                events = list(device.read())
            except BlockingIOError:
                continue
            except OSError:  # unplugged
                del left[descriptor]
                continue
            for event in events:
                feed(Event(event.timestamp(), event.type, event.code, event.value, number))
