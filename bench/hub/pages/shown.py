"""What several pages show alike: a machine's line in words, names of members, choices of a form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from starlette.responses import Response

from bench.casefile.search import state_text
from bench.hub import papers
from bench.hub.pages.draw import kind_text
from bench.hub.pages.page import Refusal, Site, Visitor
from bench.network.members import communes
from bench.network.stock import StockLine
from bench.records.log import Log
from bench.stock.requests import GRADES, KINDS
from bench.stock.transfers import members
from bench.words.catalogue import say
from bench.words.facts import gibibytes, gigabytes
from diagnostics.naming import machine_name
from diagnostics.processor import processor_name

MEMORIES = (2, 4, 8, 16, 32)  # GiB, as people ask for them
PUBLIC = ("finished", "reserved", "handed_over")  # what a label in somebody's hands may belong to
STORAGES = (120, 250, 500, 1000)  # GB


class MachineShown(NamedTuple):
    """A machine as a list names it; every text in words, "" where it is not known."""

    device: str
    asset: str
    kind: str
    name: str
    processor: str
    memory: str
    storage: str
    grade: str
    state: str
    member: str
    commune: str


class Choice(NamedTuple):
    """One of a form's choices."""

    value: str
    text: str


class Members:
    """Names and communes of the workshops, looked up once a request."""

    def __init__(self, log: Log) -> None:
        self.names = {member.workshop: member.name for member in members(log)}
        self.communes = communes(log)

    def name(self, workshop: str) -> str:
        """As it is registered here, else the beginning of its id."""
        return self.names.get(workshop) or workshop[:8]

    def choices(self, *, without: Iterable[str] = ()) -> list[Choice]:
        """All of them, by name, with their commune."""
        left_out = set(without)
        return [
            Choice(
                workshop, f"{name} ({where})" if (where := self.communes.get(workshop)) else name
            )
            for workshop, name in self.names.items()
            if workshop not in left_out
        ]


def machine_shown(line: StockLine, of: Members) -> MachineShown:
    """A line of the stock in words."""
    return MachineShown(
        line.device,
        line.asset or line.device[:13],
        kind_text(line.kind),
        machine_name(line.maker, line.model),
        processor_name(line.cpu) or line.cpu,
        gibibytes(line.ram_mib << 20) or "" if line.ram_mib else "",
        gigabytes(line.storage_bytes) or "" if line.storage_bytes else "",
        line.grade,
        state_text(line.state),
        of.name(line.holder) if line.holder else "",
        of.communes.get(line.holder, ""),
    )


def told_by(log: Log, line: StockLine) -> str:
    """The tool whose word all of this is, "" for a machine that somebody here has seen."""
    if line.state != "told":
        return ""
    told = reversed(log.dossier(line.device).told)
    return next((say(f"story.source.{tool}") for tool in told), "")


def kind_choices() -> list[Choice]:
    """Kinds of machines, "" for any first."""
    return [Choice("", say("hub.any"))] + [Choice(kind, kind_text(kind)) for kind in KINDS]


def grade_choices() -> list[Choice]:
    """The lowest grade, "" for any first."""
    least = [Choice(grade, say("sharing.grade_least", grade=grade)) for grade in GRADES]
    return [Choice("", say("hub.any")), *least]


def memory_choices() -> list[Choice]:
    """The least memory in GiB, "0" for any first."""
    least = [
        Choice(str(size), say("sharing.memory_least", memory=gibibytes(size << 30)))
        for size in MEMORIES
    ]
    return [Choice("0", say("hub.any")), *least]


def storage_choices() -> list[Choice]:
    """The least storage in GB, "0" for any first."""
    least = [
        Choice(str(size), say("sharing.memory_least", memory=gigabytes(size * 10**9)))
        for size in STORAGES
    ]
    return [Choice("0", say("hub.any")), *least]


def number(text: str, most: int = 10**6) -> int:
    """A whole number of a form or an address; 0 for whatever is none."""
    plain = text.strip()
    return min(int(plain), most) if plain.isascii() and plain.isdigit() and len(plain) < 12 else 0


def plain_text(text: str, most: int = 120) -> str:
    """What somebody typed, on one line, without signs that turn or hide what is around them."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def decides_for(visitor: Visitor) -> str:
    """The workshop whose machines a visitor decides over; "" for a coordination: all."""
    return "" if visitor.sees_all else visitor.workshop


def may_see_photos(visitor: Visitor, line: StockLine) -> bool:
    """Of a machine that is at work still, its workshop and who sees all; later whoever may see
    the machine: a picture taken in between may show what was not meant for others."""
    own = visitor.sees_all or (visitor.workshop != "" and line.holder == visitor.workshop)
    return own or line.state in PUBLIC


def paper_file(site: Site, of: str, name: str) -> Response:
    """A paper's bytes, to be kept. Raises `Refusal` (404) where it is not there as it was made."""
    data = papers.bytes_of(site.accounts, of, name)
    if data is None:
        raise Refusal(404, "path")
    kind = "application/pdf" if name.endswith(".pdf") else "application/json"
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return Response(
        data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{safe}"'}
    )
