"""*Stock*: the machines of all members, searched by what an asker needs; one machine's page."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from bench.casefile.numbers import cents
from bench.casefile.photos import photos_of
from bench.casefile.story import story_of
from bench.hub import overview, papers
from bench.hub.accounts.roles import Role
from bench.hub.pages import shown
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import ANYBODY, Own, Page, Refusal, Site, Visitor, form_of
from bench.hub.web.kept import Kept
from bench.network import stock
from bench.network.members import communes
from bench.network.places import plain
from bench.network.stock import STATES, StockLine, Wanted
from bench.records.copies.forgetting import DOCUMENTS
from bench.records.log import Log
from bench.setup.settings import load
from bench.stock import leaving
from bench.stock.transfers import MAY_TRAVEL
from bench.words.catalogue import say

MAY = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.PRESCRIBER, Role.AUDITOR))
ACT = frozenset((Role.COORDINATION, Role.SUPERVISOR))
MOST_COUNTED = 1000  # nobody reads more; counting all of them would keep who types waiting
KEEP = ACT | {Role.AUDITOR}


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """The search and what answers it."""
    asked = {name: request.query_params.get(name, "")[:200] for name in _FIELDS}
    prescriber = visitor.role is Role.PRESCRIBER
    if prescriber or asked["etat"] not in (*STATES, "toutes"):
        # Who types a number looks for that machine, whatever became of it.
        asked["etat"] = "toutes" if asked["texte"] and not prescriber else "free"
    with site.reading() as log:
        of = shown.Members(log)
        wanted = _wanted(log, asked)
        page = stock.search(log, wanted)
        found = stock.count(log, wanted, MOST_COUNTED + 1)
        machines = [shown.machine_shown(line, of) for line in page.lines]
        members = of.choices()
        # Who types a number means that machine: it is not "0" because it was handed over.
        anywhere = replace(wanted, state="")
        sought = asked["texte"] and not found and not prescriber and wanted.state
        elsewhere = stock.count(log, anywhere, MOST_COUNTED) if sought else 0
    following = urlencode(asked | {"apres": page.after}) if page.after else ""
    return draw(
        site,
        visitor,
        request,
        "stock.html",
        asked=asked,
        machines=machines,
        found=found,
        most=MOST_COUNTED,
        elsewhere=elsewhere,
        in_all_states=urlencode(asked | {"etat": "toutes", "apres": ""}),
        following=following,
        kinds=shown.kind_choices(),
        grades=shown.grade_choices(),
        memories=shown.memory_choices(),
        storages=shown.storage_choices(),
        members=members,
        states=[] if prescriber else _states(),
        counts={} if prescriber else counts(site, asked["atelier"]),
    )


def counts(site: Site, shop: str = "") -> dict[str, int]:
    """How many machines are in which state, of a workshop or of all; of hundreds of thousands as it
    was a moment ago, for who types a word asks for the same at each letter."""
    kept = site.kept.setdefault("states", Kept[dict[str, int]](3, slow_s=0.02, beside_s=30))
    assert isinstance(kept, Kept)

    def read() -> dict[str, int]:
        with site.reading() as log:
            return stock.by_state(log, shop)

    found: dict[str, int] = kept.get(shop, site.clock.now().timestamp(), read)
    return found


_FIELDS = ("texte", "genre", "note", "memoire", "disque", "atelier", "commune", "etat", "apres")


def _wanted(log: Log, asked: dict[str, str]) -> Wanted:
    holders: tuple[str, ...] = (asked["atelier"],) if asked["atelier"] else ()
    if commune := plain(asked["commune"]):
        there = {shop for shop, where in communes(log).items() if commune in plain(where)}
        holders = tuple(sorted(there & set(holders) if holders else there)) or ("-",)
    return Wanted(
        text=asked["texte"],
        kind=asked["genre"],
        minimum_grade=asked["note"],
        ram_mib=shown.number(asked["memoire"]) * 1024,
        storage_bytes=shown.number(asked["disque"]) * 10**9,
        holders=holders,
        state="" if asked["etat"] == "toutes" else asked["etat"],
        after=asked["apres"],
    )


def _states() -> list[shown.Choice]:
    named = [shown.Choice(state, say(f"hub.stock.state.{state}")) for state in STATES]
    return [*named, shown.Choice("toutes", say("hub.stock.state.any"))]


def machine(site: Site, visitor: Visitor, request: Request) -> Response:
    """One machine: what an asker may know; for its workshop and the coordination all of it."""
    with site.reading() as log:
        line, whole = seen(log, visitor, str(request.path_params["machine"])[:200])
        of = shown.Members(log)
        disks = disks_of(log, line.device)
        serial = serial_of(log, line.device) if whole else ""
        story = story_of(log, line.device) if whole else ()
        told = shown.machine_shown(line, of)
        source = shown.told_by(log, line)
        acts = whole and visitor.role in ACT
        may_send = acts and line.state in MAY_TRAVEL
        photos = _photos(log, visitor, line)
        contested = overview.contested_of(log.store, line.device) if whole else ()
        may_give = acts and line.state in ("finished", "reserved")
        members = of.choices(without=(line.holder,)) if may_send else []
    return draw(
        site,
        visitor,
        request,
        "machine.html",
        machine=told,
        serial=serial,
        disks=disks,
        story=story,
        members=members,
        request_of=line.request if whole else "",
        may_give=may_give,
        papers=papers.papers(site.accounts, line.device) if whole else [],
        photos=photos,
        may_add=acts,
        contested=contested,
        source=source,
        base=f"/machine/{line.device}",
    )


def seen(log: Log, visitor: Visitor, name: str) -> tuple[StockLine, bool]:
    """A machine, where the visitor may see it, and whether all of it: its workshop's supervisor,
    coordination and auditor. Raises `Refusal` (404)."""
    line = stock.line_of(log, name)
    if line is None or (visitor.role is Role.PRESCRIBER and line.state not in shown.PUBLIC):
        raise Refusal(404, "path")
    own = visitor.role is Role.SUPERVISOR and line.holder == visitor.workshop
    return line, visitor.sees_all or own


def _photos(log: Log, visitor: Visitor, line: StockLine) -> list[str]:
    """The names of the photos that are here, for who may see them."""
    here = photos_of(log, line.device) if shown.may_see_photos(visitor, line) else {}
    return [f"{sha256}.jpg" for sha256 in here]


def hand_over(site: Site, visitor: Visitor, request: Request) -> Response:
    """Somebody takes the machine: the bon de remise is made, to be printed and signed."""
    form = form_of(request)
    with site.log() as log:
        line = _own(log, visitor, request)
        handed = leaving.hand_over(
            log,
            line.device,
            load(site.folder),
            log.store.path.parent / DOCUMENTS,
            price_cents=cents(form.get("prix", "") or "0"),
            name=shown.plain_text(form.get("nom", "")),
            operator=visitor.account,
        )
        papers.note(site.accounts, line.device, "handover", handed.papers)
    return to(f"/machine/{line.device}")


def paper(site: Site, visitor: Visitor, request: Request) -> Response:
    """A paper of the machine, for its workshop and the coordination."""
    with site.reading() as log:
        line = _own(log, visitor, request)
    return shown.paper_file(site, line.device, str(request.path_params["papier"]))


def _own(log: Log, visitor: Visitor, request: Request) -> StockLine:
    """The machine of the address, where the visitor may act on it or see all of it."""
    line = _known(log, request)
    if not visitor.sees_all and line.holder != visitor.workshop:
        raise Refusal(404, "path")
    return line


def sheet(site: Site, visitor: Visitor, request: Request) -> Response:
    """What a label's code leads to: the machine for whoever holds it, without its serial."""
    with site.reading() as log:
        line = _known(log, request)
        if line.state not in shown.PUBLIC:
            raise Refusal(404, "path")
        told = shown.machine_shown(line, shown.Members(log))
        disks, photos = disks_of(log, line.device), _photos(log, visitor, line)
    base = f"/m/{quote(told.asset, safe='')}"
    return draw(
        site,
        visitor,
        request,
        "sheet.html",
        machine=told,
        disks=disks,
        photos=photos,
        base=base,
    )


def _known(log: Log, request: Request) -> StockLine:
    line = stock.line_of(log, str(request.path_params["machine"])[:200])
    if line is None:
        raise Refusal(404, "path")
    return line


def disks_of(log: Log, device: str) -> tuple[int, int]:
    """How many disks are in it, and how many of them are proven erased."""
    rows = log.store.query("SELECT disks, disks_erased FROM machine WHERE device = ?", (device,))
    return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)


def serial_of(log: Log, device: str) -> str:
    """The serial of the machine itself, "" where none was read."""
    rows = log.store.query("SELECT serial FROM machine WHERE device = ?", (device,))
    return str(rows[0][0]) if rows else ""


PAGES = (
    Page("GET", "/stock", "stock", show, MAY, Own.SHARED, menu=20),
    Page("GET", "/machine/{machine}", "machine", machine, MAY, Own.SHARED),
    Page(
        "POST", "/machine/{machine}/remettre", "machine", hand_over, ACT, Own.WORKSHOP, heavy=True
    ),
    Page("GET", "/machine/{machine}/{papier}", "machine", paper, KEEP, Own.WORKSHOP),
    Page("GET", "/m/{machine}", "sheet", sheet, ANYBODY, Own.SHARED),
)
