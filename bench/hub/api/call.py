"""What a call is: its route, who may ask, which rows they see, what it takes and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

import msgspec

from bench.hub.accounts.roles import Role
from bench.hub.pages.page import Own, Site, Visitor

V1 = "/api/v1"
MOST_NAME = 128  # characters of a name in a path
MOST_PAGE = 200
_T = TypeVar("_T", bound=msgspec.Struct)

Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST_PAGE)]
After = Annotated[str, msgspec.Meta(max_length=MOST_NAME)]


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may stand after the question mark; each name once."""


class Paged(Query, frozen=True, kw_only=True):
    """`after`: as the page before gave it, "" for the first."""

    after: After = ""
    limit: Limit = 50


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent, as a JSON object."""


@dataclass(frozen=True)
class Asked:
    """What was sent with a call, as its row in the table says it must be."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None


Handler = Callable[[Site, Visitor, Asked], object]


@dataclass(frozen=True)
class Call:
    """A route. `name` names its words (`hub.api.<name>`); `gives` is what is answered with
    `status`; `location`: where what was made is found, with its field `{field}`."""

    method: str
    path: str
    name: str
    handler: Handler
    roles: frozenset[Role]
    own: Own
    gives: Any
    query: type[Query] = Query
    body: type[Body] | None = None
    status: int = 200
    location: str = ""
    heavy: bool = False


def shaped(kind: type[_T], line: object, **more: object) -> _T:
    """A line of a reader in the shape that is described: its fields of the same name, and `more`.
    What a reader learns to tell later is not given before it is described."""
    names = {each.name for each in msgspec.structs.fields(kind)} - more.keys()
    return kind(**{name: getattr(line, name) for name in names}, **more)


def part(found: list[Any], after: str, most: int, name: str) -> tuple[list[Any], str]:
    """Of a list that was read whole, the `most` after the one whose `name` is `after`; and the
    `after` of the part that follows, "" at the end. One that is gone begins anew."""
    names = [str(getattr(each, name)) for each in found]
    begin = names.index(after) + 1 if after in names else 0
    end = begin + most
    return found[begin:end], names[end - 1] if end < len(found) else ""
