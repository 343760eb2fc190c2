"""What the network shares, for programs: grading rules, quirks, sheets and posters."""

from __future__ import annotations

import msgspec

from bench.hub.api.call import V1, Asked, Call, shaped
from bench.hub.pages import packs as pages
from bench.hub.pages.page import Own, Site, Visitor
from bench.packs import shelf


class SharedPack(msgspec.Struct, frozen=True, kw_only=True):
    """A pack as it stands now. `network`, `workshop`: whose word it is; `form`: toml, txt, pdf,
    png; `file`: SHA-256 of its bytes; `state`: current, or clash where two are of one version."""

    pack: str
    network: str
    workshop: str
    version: int
    kind: str
    title: str
    form: str
    file: str
    size_bytes: int
    day: str
    state: str


class SharedPacks(msgspec.Struct, frozen=True, kw_only=True):
    """All of them: they are few."""

    packs: list[SharedPack]


class WholePack(SharedPack, frozen=True, kw_only=True):
    """With its bytes, in base64."""

    content: bytes


def listed(site: Site, visitor: Visitor, asked: Asked) -> SharedPacks:
    """As the page *Mutualisation*, without the workshops' answers."""
    with site.reading() as log:
        return SharedPacks(packs=[shaped(SharedPack, pack) for pack in shelf.packs(log)])


def whole(site: Site, visitor: Visitor, asked: Asked) -> WholePack:
    """What stands under a name. 404 where nothing does; of two networks' none is chosen."""
    with site.reading() as log:
        pack = pages.known(log, asked.path["pack"])
        return shaped(WholePack, pack, content=shelf.content(log, pack))


CALLS = (
    Call("GET", f"{V1}/packs", "packs", listed, pages.SEE, Own.SHARED, SharedPacks),
    Call("GET", V1 + "/packs/{pack}", "pack", whole, pages.SEE, Own.SHARED, WholePack),
)
