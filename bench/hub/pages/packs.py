"""*Mutualisation*: what the coordination shares with every bench, and who answered what."""

from __future__ import annotations

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from bench.hub.accounts.roles import Role
from bench.hub.pages import shown
from bench.hub.pages.draw import draw, to
from bench.hub.pages.page import (
    Own,
    Page,
    Refusal,
    Site,
    Takes,
    Visitor,
    arrived_of,
    confirmed,
    form_of,
)
from bench.packs import files, shelf
from bench.packs.shelf import Pack
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.words.catalogue import say
from diagnostics import durable

SEE = frozenset((Role.COORDINATION, Role.SUPERVISOR, Role.AUDITOR))
ACT = frozenset((Role.COORDINATION,))
_MEDIA = {"pdf": "application/pdf", "png": "image/png"}  # others: text that nothing runs


class Answer(NamedTuple):
    """What a workshop's supervisor said of a publication."""

    workshop: str
    answer: str
    day: str


def show(site: Site, visitor: Visitor, request: Request) -> Response:
    """All that is shared; of grading rules the answers, a supervisor the own workshop's."""
    with site.reading() as log:
        found = shelf.packs(log)
        told = {pack.event: _answers(log, visitor, pack) for pack in found}
        of, publishes = shown.Members(log), visitor.role in ACT and log.coordinates
    return draw(
        site, visitor, request, "packs.html",
        packs=found, answers=told, of=of, publishes=publishes, kinds=_kinds(),
    )  # fmt: skip


def detail(site: Site, visitor: Visitor, request: Request) -> Response:
    """One of them, with what is in it where that is text."""
    with site.reading() as log:
        pack = _asked(log, request)
        text, trouble = _text(log, pack)
        told, of = _answers(log, visitor, pack), shown.Members(log)
        publishes = visitor.role in ACT and log.coordinates
    return draw(
        site, visitor, request, "pack.html",
        pack=pack, text=text, trouble=trouble, answers=told, of=of, publishes=publishes,
    )  # fmt: skip


def publish(site: Site, visitor: Visitor, request: Request) -> Response:
    """Share the file that came with the form, by who typed the password again: every bench of
    the network takes it, and a session left open must not be enough for that."""
    arrived, form = arrived_of(request), form_of(request)
    try:
        confirmed(site, visitor, form.get("mot", ""))
        with site.turn, site.log() as log:
            shelf.publish(
                log,
                pack=form.get("nom", "").strip(),
                kind=form.get("genre", ""),
                title=form.get("titre", ""),
                content=files.read_file(arrived.path),
                operator=visitor.account,
            )
    finally:
        durable.drop(arrived.path)
    return to("/mutualisation")


def withdraw(site: Site, visitor: Visitor, request: Request) -> Response:
    """Take it back everywhere, with the reason and the password, as when it was published."""
    form = form_of(request)
    confirmed(site, visitor, form.get("mot", ""))
    with site.turn, site.log() as log:
        pack = _asked(log, request).pack
        shelf.withdraw(log, pack, reason=form.get("raison", ""), operator=visitor.account)
    return to("/mutualisation")


def file(site: Site, visitor: Visitor, request: Request) -> Response:
    """Its bytes, to be kept or printed."""
    with site.reading() as log:
        pack = _asked(log, request)
        data = shelf.content(log, pack)
    return Response(
        data,
        media_type=_MEDIA.get(pack.form, "text/plain; charset=utf-8"),
        headers={"Content-Disposition": f'attachment; filename="{pack.name}"'},
    )


def _asked(log: Log, request: Request) -> Pack:
    return known(log, str(request.path_params["recueil"]))


def known(log: Log, name: str) -> Pack:
    """What stands under a name. Raises `Refusal` (404), `RecordsError` as `shelf.pack_named`."""
    try:
        return shelf.pack_named(log, name[:48])
    except RecordsError as error:
        if error.code == "pack_unknown":
            raise Refusal(404, "path") from None
        raise


def _text(log: Log, pack: Pack) -> tuple[str, bool]:
    """What is in it, "" where it is no text; and whether its file is of no use here."""
    try:
        data = shelf.content(log, pack)
    except RecordsError as error:
        if error.code.startswith("store_"):
            raise
        return "", True
    return (data.decode("utf-8-sig") if pack.form in ("toml", "txt") else ""), False


def _answers(log: Log, visitor: Visitor, pack: Pack) -> list[Answer]:
    rows = log.store.query(
        "SELECT workshop, answer, day FROM pack_answer WHERE pack = ? AND publication = ?"
        " ORDER BY workshop",
        (pack.pack, pack.event),
    )
    return [Answer(*row) for row in rows if visitor.sees_all or row[0] == visitor.workshop]


def _kinds() -> list[shown.Choice]:
    return [shown.Choice(kind, say(f"packs.kind.{kind}")) for kind in files.KINDS]


PAGES = (
    Page("GET", "/mutualisation", "packs", show, SEE, Own.WORKSHOP, menu=65),
    Page(
        "POST", "/mutualisation", "packs", publish, ACT, Own.NOTHING,
        takes=Takes.PHOTO, heavy=True,
    ),
    Page("GET", "/mutualisation/{recueil}", "packs", detail, SEE, Own.WORKSHOP),
    Page(
        "POST", "/mutualisation/{recueil}/retirer", "packs", withdraw, ACT, Own.NOTHING, heavy=True
    ),
    Page("GET", "/mutualisation/{recueil}/fichier", "packs", file, SEE, Own.SHARED),
)  # fmt: skip
