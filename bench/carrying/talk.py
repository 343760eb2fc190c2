"""What the screens and the carrying service say to each other, as JSON."""

from __future__ import annotations

import msgspec

from bench.carrying.carrier import Put
from bench.carrying.volumes import Volume
from bench.setup.asking import Failed, Question


class Sticks(Question, frozen=True, tag="sticks"):
    """Which sticks are there?"""


class Carry(Question, frozen=True, tag="carry"):
    """Put the file of this name, out of the one folder there is, on the stick with this key."""

    key: str
    name: str


class Progress(Question, frozen=True, tag="progress"):
    """How far is it?"""


class Found(msgspec.Struct, frozen=True, tag="found"):
    volumes: tuple[Volume, ...]


class Carried(msgspec.Struct, frozen=True, tag="carried"):
    put: Put


class Written(msgspec.Struct, frozen=True, tag="written"):
    size_bytes: int


Answer = Found | Carried | Written | Failed
QUESTIONS = msgspec.json.Decoder(Sticks | Carry | Progress)
ANSWERS = msgspec.json.Decoder(Answer)
