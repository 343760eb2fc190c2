"""What client and probe service say to each other, as JSON. Bytes travel as base64."""

from __future__ import annotations

import msgspec

from diagnostics.command import Completed, Content


class Run(msgspec.Struct, frozen=True, tag="run", forbid_unknown_fields=True):
    """Run a command that stands on the list."""

    argv: tuple[str, ...]
    timeout_s: float


class Read(msgspec.Struct, frozen=True, tag="read", forbid_unknown_fields=True):
    """Read a file that stands on the list."""

    path: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """It stands on no list, or is no question."""


class Ran(msgspec.Struct, frozen=True, tag="ran"):
    done: Completed


class Told(msgspec.Struct, frozen=True, tag="told"):
    content: Content


QUESTIONS = msgspec.json.Decoder(Run | Read)
ANSWERS = msgspec.json.Decoder(Ran | Told | Refused)
