"""What events about benches, lots, donors, requests and days hold in `data`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from bench.records.kinds.machine import Count, Data, Day, Name, Short
from diagnostics.learn import learn


class BenchOpened(Data, frozen=True, kw_only=True):
    name: Name
    site: Short = ""
    prefix: Short = ""  # of label numbers, as GRPC in GRPC26-0043
    software: Short = ""


class BenchCertified(Data, frozen=True, kw_only=True):
    certificate: dict[str, Any]  # keys.certify(...).plain()


class BenchRevoked(Data, frozen=True, kw_only=True):
    revocation: dict[str, Any]  # keys.revoke(...).plain()


class BenchReinstated(Data, frozen=True, kw_only=True):
    reinstatement: dict[str, Any]  # keys.reinstate(...).plain()


class SupervisorCertified(Data, frozen=True, kw_only=True):
    certificate: dict[str, Any]  # keys.certify_supervisor(...).plain()


class NumberBlock(Data, frozen=True, kw_only=True):
    prefix: Name
    year: Count
    start: Count
    size: Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class LotPromised(Data, frozen=True, kw_only=True):
    donor: Short = ""
    count: Count = 0
    what: Any = None  # kind -> count
    day: Short = ""
    convention: Short = ""
    destination: Short = ""


class LotCollected(Data, frozen=True, kw_only=True):
    count: Count = 0
    day: Short = ""
    donor: Short = ""


class LotWeighed(Data, frozen=True, kw_only=True):
    weight_g: Count


class LotReceived(Data, frozen=True, kw_only=True):
    count: Count = 0
    donor: Short = ""


class LotClosed(Data, frozen=True, kw_only=True):
    """Nothing more comes into the lot or changes in it; `reopened` takes that back."""

    count: Count = 0  # machines in it when it was closed
    reopened: bool = False


class DonorRegistered(Data, frozen=True, kw_only=True):
    donor: Name  # random reference; who it is lies in the erasable table
    kind: Literal["public", "company", "person", "association"]
    convention: Short = ""
    siren: Short = ""  # of a legal person only, never of a person


class RequestMade(Data, frozen=True, kw_only=True):
    request: Name
    kind: Short = ""
    minimum_grade: Short = ""
    ram_mib: Count = 0
    quantity: Count = 1
    commune: Short = ""
    deadline: Short = ""
    prescriber: Short = ""  # random reference


class RequestClosed(Data, frozen=True, kw_only=True):
    request: Name
    outcome: Short = ""


class WasteWeighed(Data, frozen=True, kw_only=True):
    kind: Name
    weight_g: Count
    day: Short = ""


class PartUsed(Data, frozen=True, kw_only=True):
    part: Name
    origin: Short = ""  # a device, or "stock"


class HoursNoted(Data, frozen=True, kw_only=True):
    day: Day
    step: Name
    minutes: Annotated[int, msgspec.Meta(ge=0, le=24 * 60)]


class DayClosed(Data, frozen=True, kw_only=True):
    day: Day
    counts: dict[str, Any] = msgspec.field(default_factory=dict)


class DayReopened(Data, frozen=True, kw_only=True):
    """Takes the closing of the bench's own day back; it may be closed again."""

    day: Day
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class AccessChanged(Data, frozen=True, kw_only=True):
    """What somebody may open on a hub's pages was changed; who that is lies in `hub.db`, apart."""

    of: Name  # random reference: an account's, a donor's, a webhook's
    change: Literal[
        "opened",  # an account, with its role
        "linked",  # a link to choose a password was given; what opened it before does not
        "password",
        "second_on",
        "second_off",
        "token",
        "tokens_withdrawn",
        "removed",
        "donor_link",
        "donor_links_withdrawn",
        "webhook_added",
        "webhook_removed",
        "mail_on",  # notices go to an address that the account confirmed
        "mail_off",
        "mail_server",  # by which server they go was set, or taken away
    ]
    role: Short = ""
    workshop: Short = ""


class PersonForgotten(Data, frozen=True, kw_only=True):
    """So that a restored backup forgets again; the reference is random and now means nobody."""

    person: Name


learn(PersonForgotten)
