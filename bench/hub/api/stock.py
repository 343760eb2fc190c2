"""The shared stock for programs, and one machine."""

from __future__ import annotations

from typing import Annotated

import msgspec

from bench.hub.accounts.roles import Role
from bench.hub.api.call import V1, After, Asked, Call, Limit, Query, shaped
from bench.hub.pages import stock as pages
from bench.hub.pages.page import Own, Site, Visitor
from bench.network import stock
from bench.network.members import communes
from bench.network.stock import STATES, StockLine, Wanted
from bench.records.log import Log
from bench.stock.requests import GRADES, KINDS

ANY = "any"
Kind = Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["", *KINDS]})]
Grade = Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["", *GRADES]})]
State = Annotated[str, msgspec.Meta(extra_json_schema={"enum": [*STATES, ANY]})]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Mebibytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 20)]
Bytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 50)]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """A machine as an asker may know it."""

    device: str
    asset: str
    kind: str
    maker: str
    model: str
    cpu: str
    memory_mib: int | None
    storage_bytes: int | None
    grade: str
    state: str
    workshop: str
    commune: str
    arrived_day: str
    finished_day: str


class Machines(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the stock; `count` is how many answer in all."""

    machines: list[Machine]
    count: int
    after: str


class OneMachine(Machine, frozen=True, kw_only=True):
    """`serial` and `request` are given to who holds it and who sees all; "" to others."""

    disks: int
    disks_erased: int
    serial: str
    request: str


class Sought(Query, frozen=True, kw_only=True):
    """What is looked for; what is "" or 0 asks nothing."""

    text: Text = ""
    kind: Kind = ""
    minimum_grade: Grade = ""
    memory_mib: Mebibytes = 0
    storage_bytes: Bytes = 0
    workshop: After = ""
    state: State = "free"
    after: After = ""
    limit: Limit = 50


def search(site: Site, visitor: Visitor, asked: Asked) -> Machines:
    """As the page *Stock*: a prescriber sees what is free."""
    sought: Sought = asked.query
    state = "free" if visitor.role is Role.PRESCRIBER else sought.state
    wanted = Wanted(
        text=sought.text,
        kind=sought.kind,
        minimum_grade=sought.minimum_grade,
        ram_mib=sought.memory_mib,
        storage_bytes=sought.storage_bytes,
        holders=(sought.workshop,) if sought.workshop else (),
        state="" if state == ANY else state,
        after=sought.after,
    )
    with site.reading() as log:
        page, where = stock.search(log, wanted, sought.limit), communes(log)
        found = [shaped(Machine, line, **_more(line, where)) for line in page.lines]
        return Machines(machines=found, count=stock.count(log, wanted), after=page.after)


def machine(site: Site, visitor: Visitor, asked: Asked) -> OneMachine:
    """By device or asset number."""
    with site.reading() as log:
        line, whole = pages.seen(log, visitor, asked.path["machine"])
        return _one(log, line, whole)


def _one(log: Log, line: StockLine, whole: bool) -> OneMachine:
    disks, erased = pages.disks_of(log, line.device)
    return shaped(
        OneMachine,
        line,
        **_more(line, communes(log)),
        disks=disks,
        disks_erased=erased,
        serial=pages.serial_of(log, line.device) if whole else "",
        request=line.request if whole else "",
    )


def _more(line: StockLine, where: dict[str, str]) -> dict[str, object]:
    return {
        "memory_mib": line.ram_mib,
        "workshop": line.holder,
        "commune": where.get(line.holder, ""),
    }


CALLS = (
    Call("GET", f"{V1}/stock", "stock", search, pages.MAY, Own.SHARED, Machines, Sought),
    Call("GET", V1 + "/machines/{machine}", "machine", machine, pages.MAY, Own.SHARED, OneMachine),
)
