"""Reads small values of one kernel folder, each tidied and bounded."""

from __future__ import annotations

from diagnostics.command import Runner
from diagnostics.sources.coerce import MAX_INTEGER, boolean, integer, text

MOST = 512  # entries of one folder: no machine of a workshop has more of anything


class Folder:
    """One folder of sysfs or procfs; a value that cannot be read is `None`."""

    def __init__(self, runner: Runner, path: str) -> None:
        self.runner, self.path = runner, path

    def text(self, name: str, limit: int = 120) -> str | None:
        return text(self.runner.read(f"{self.path}/{name}").text, limit)

    def number(self, name: str, low: int = 0, high: int = MAX_INTEGER) -> int | None:
        return integer(self.text(name, 40), low, high)

    def flag(self, name: str) -> bool | None:
        return boolean(self.text(name, 10))

    def hexadecimal(self, name: str) -> str | None:
        """Hex digits without "0x"."""
        told = (self.text(name, 40) or "").casefold().removeprefix("0x")
        return told if told and all(sign in "0123456789abcdef" for sign in told) else None

    def target(self, name: str) -> str | None:
        """The last part of where a link leads: a driver's name, a slot."""
        return text((self.runner.link(f"{self.path}/{name}") or "").rpartition("/")[2], 80)

    def names(self, name: str = "") -> tuple[str, ...]:
        place = f"{self.path}/{name}" if name else self.path
        told = (self.runner.names(place) or ())[:MOST]
        # The kernel names in ASCII; a name no JSON can hold comes from a damaged recording.
        return tuple(name for name in told if name.isprintable() and 0 < len(name) < 100)

    def inside(self, name: str) -> Folder:
        return Folder(self.runner, f"{self.path}/{name}")


def bracketed(told: str | None) -> str | None:
    """The chosen one of "none [mq-deadline] kyber"; the whole where nothing is marked."""
    before, opened, rest = (told or "").partition("[")
    return (rest.partition("]")[0] if opened else before).strip() or None


def scaled(value: int | None, factor: int) -> int | None:
    return None if value is None else integer(value * factor)
