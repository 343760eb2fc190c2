"""The packs a bench knows: published and withdrawn by the coordination, answered by a workshop."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from bench.grading.rules import Rules, standard_rules
from bench.packs import files, quirks, rules
from bench.records import attachments
from bench.records.errors import RecordsError
from bench.records.fold.packs import CURRENT, OLDER, WITHDRAWN
from bench.records.kinds.packs import MOST_VERSIONS
from bench.records.log import Log

# What a network is called: by its number where nobody named it, and with it where two are so named.
_NETWORK = (
    "CASE WHEN coalesce(t.name, '') = '' THEN substr(p.workshop, 1, 8)"
    " WHEN (SELECT count(*) FROM trust AS o WHERE o.name = t.name) > 1"
    " THEN t.name || ' (' || substr(p.workshop, 1, 8) || ')' ELSE t.name END"
)
_COLUMNS = (
    f"p.pack, p.workshop, {_NETWORK}, p.event, p.version, p.kind, p.title, p.form,"
    " p.file, p.size_bytes, p.day, p.state, p.reason,"
    " coalesce(a.answer, '')"
)
_FROM = (
    " FROM pack AS p LEFT JOIN trust AS t ON t.workshop = p.workshop"
    " LEFT JOIN pack_answer AS a ON a.pack = p.pack AND a.workshop = ?"
    " AND a.publication = p.event"
)


class Pack(NamedTuple):
    """One publication. `network`: what the workshop that published it is called here; `answer`: of
    the own workshop to this very publication, "" where nobody answered."""

    pack: str
    workshop: str
    network: str
    event: str
    version: int
    kind: str
    title: str
    form: str
    file: str
    size_bytes: int
    day: str
    state: str
    reason: str
    answer: str

    @property
    def name(self) -> str:
        """What its file is called where it is written."""
        return f"{self.pack}-{self.version}.{self.form}"


def packs(log: Log, *, every: bool = False) -> list[Pack]:
    """What the network says now, by name; `every`: older, withdrawn and contested too."""
    where = "" if every else " WHERE p.state = 'current' OR p.state = 'clash'"
    order = " ORDER BY p.kind, p.pack, p.workshop, p.version DESC, p.event"
    rows = log.store.query(f"SELECT {_COLUMNS}{_FROM}{where}{order}", (log.workshop,))
    return [Pack(*row) for row in rows]


def pack_named(log: Log, name: str) -> Pack:
    """What stands under a name, here and now. Raises `RecordsError`: `pack_unknown`,
    `pack_withdrawn`, `pack_clash` (two files under one version), `pack_networks` (of two)."""
    found = [each for each in packs(log, every=True) if each.pack == name]
    if not found:
        raise RecordsError("pack_unknown", pack=name[:48])
    current = [each for each in found if each.state == CURRENT]
    if len(current) == 1:
        return current[0]
    if len({each.workshop for each in current}) > 1:
        networks = sorted({each.network for each in current})
        raise RecordsError("pack_networks", pack=name[:48], networks=", ".join(networks))
    if current or any(each.state == "clash" for each in found):
        raise RecordsError("pack_clash", pack=name[:48])
    raise RecordsError("pack_withdrawn", pack=name[:48], reason=found[0].reason)


def content(log: Log, pack: Pack) -> bytes:
    """The file, looked at as strictly as when it was shared. Raises `RecordsError`: `pack_absent`
    (it has not come yet), `pack_form` (it is no such file), and as `files.form_of`."""
    found = attachments.content(log.store, pack.file)
    if found is None or len(found) != pack.size_bytes:
        raise RecordsError("pack_absent", pack=pack.pack)
    if files.form_of(pack.kind, found) != pack.form:
        raise RecordsError("pack_form")
    return found


def publish(
    log: Log, *, pack: str, kind: str, title: str, content: bytes, operator: str = ""
) -> int:
    """Share a file with every bench of the network; gives its version, one above any before.

    Raises `RecordsError`: `pack_not_coordination`, `pack_name`, `pack_title`, and as
    `files.form_of`.
    """
    _coordinates(log)
    title = " ".join(title.split())
    if not title or len(title) > 120 or not title.isprintable():
        raise RecordsError("pack_title")
    form = files.form_of(kind, content)
    with log.store.transaction():
        version = min(_last(log, pack) + 1, MOST_VERSIONS)
        digest = attachments.attach(log.store, content)
        said = {"pack": pack, "version": version, "kind": kind, "title": title, "form": form}
        try:
            log.append(
                "pack.published",
                said | {"file": digest, "size_bytes": len(content)},
                operator=operator,
            )
        except RecordsError as error:
            if error.code == "event_data":  # all else was looked at above
                raise RecordsError("pack_name", pack=pack[:48]) from None
            raise
    return version


def withdraw(log: Log, pack: str, *, reason: str, operator: str = "") -> int:
    """Take a pack back, all its versions; gives the last of them, 0 where it was taken back before
    and nothing is said again. Raises `RecordsError`: `pack_not_coordination`, `pack_unknown`,
    `reason_missing`."""
    _coordinates(log)
    if not reason.strip():
        raise RecordsError("reason_missing")
    version = _last(log, pack)
    if not version:
        raise RecordsError("pack_unknown", pack=pack[:48])
    left = "SELECT 1 FROM pack WHERE pack = ? AND workshop = ? AND state <> ? LIMIT 1"
    if not log.store.query(left, (pack, log.workshop, WITHDRAWN)):
        return 0
    said = {"pack": pack, "version": version, "reason": reason.strip()[:4000]}
    log.append("pack.withdrawn", said, operator=operator)
    return version


def answer(log: Log, pack: Pack, accepted: bool, *, operator: str = "") -> None:
    """Say for the own workshop whether these grading rules are used: a supervisor's act.

    Raises `RecordsError`: `pack_no_rules` (only rules are asked for), as `content`, and as
    `Log.append` (`supervisor_needed`, `pin_*`).
    """
    if pack.kind != "grading":
        raise RecordsError("pack_no_rules", pack=pack.pack)
    if accepted:
        content(log, pack)
    said = {"pack": pack.pack, "publication": pack.event}
    told = said | {"answer": "accepted" if accepted else "declined"}
    log.append("pack.answered", told, operator=operator)


def waiting(log: Log) -> list[Pack]:
    """Grading rules that no supervisor of the own workshop has answered yet."""
    return [
        pack
        for pack in packs(log)
        if pack.kind == "grading" and pack.state == CURRENT and not pack.answer
    ]


def gone(log: Log) -> list[Pack]:
    """Withdrawn rules that the own workshop took on: of each name the one it answered last, until
    a supervisor declines it, which here says that it was read."""
    rows = log.store.query(
        f"SELECT {_COLUMNS}{_FROM} WHERE p.kind = 'grading' AND a.answer <> '' ORDER BY a.tick",
        (log.workshop,),
    )
    last = {(pack.pack, pack.workshop): pack for pack in (Pack(*row) for row in rows)}
    return [pack for pack in last.values() if pack.state == WITHDRAWN and pack.answer == "accepted"]


def accepted(log: Log) -> Pack | None:
    """The publication whose rules the own workshop uses: the one accepted last, of those that
    were not withdrawn; `None` while our own rules hold."""
    rows = log.store.query(
        f"SELECT {_COLUMNS}{_FROM} WHERE a.answer = 'accepted' AND p.kind = 'grading'"
        " AND p.state IN (?, ?) ORDER BY a.tick DESC, p.pack LIMIT 1",
        (log.workshop, CURRENT, OLDER),
    )
    return Pack(*rows[0]) if rows else None


def rules_in_force(log: Log) -> Rules:
    """What this bench grades by. Rules of a pack are named in every grade: name, version and the
    beginning of the file's hash. Where the file has not come, our own hold, and say so."""
    chosen = accepted(log)
    if chosen is None:
        return standard_rules()
    try:
        found = rules.read(content(log, chosen))
    except RecordsError as error:
        if error.code.startswith("store_"):
            raise
        return standard_rules()
    named = f"{chosen.pack} {chosen.version} ({chosen.file[:16]})"
    return msgspec.structs.replace(found, version=named)


class Advice(NamedTuple):
    """One quirk that fits a machine, and where it comes from."""

    text: str
    pack: Pack


def advice(log: Log, maker: str, model: str) -> list[Advice]:
    """What the network knows of a model. A file that has not come, or does not fit, says nothing:
    `packs` and `content` tell why."""
    found: list[Advice] = []
    for pack in packs(log):
        if pack.kind != "quirks" or pack.state != CURRENT:
            continue
        try:
            known = quirks.read(content(log, pack))
        except RecordsError as error:
            if error.code.startswith("store_"):
                raise
            continue
        found += [Advice(quirk.text, pack) for quirk in known if quirk.fits(maker, model)]
    return found


def _coordinates(log: Log) -> None:
    if not log.coordinates:
        raise RecordsError("pack_not_coordination")


def _last(log: Log, pack: str) -> int:
    """The highest version of the own network, 0 where there is none."""
    rows = log.store.query(
        "SELECT coalesce(max(version), 0) FROM pack WHERE pack = ? AND workshop = ?",
        (pack, log.workshop),
    )
    return int(rows[0][0])
