"""The day's review in sentences: what the record holds of a case, and the sums of a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.grading.facts import LOCK_QUESTIONS
from bench.records.day.closing import Closing
from bench.records.day.notices import Notice
from bench.records.day.review import UNATTESTED, Conflict, DayCase, Review
from bench.records.store import Store
from bench.screens.kit import times
from bench.words.catalogue import filled_or_bare, find, say
from bench.words.dates import day_text

if TYPE_CHECKING:
    from bench.packs.shelf import Pack

_MACHINES = ("machine", "identity")  # what the subject of a conflict begins with
_DETAILS = {"returned": "story.by", "correction": "story.field"}  # whose detail is a name
_SAID_BY_KIND = ("foreign", "donor")


def detail_text(name: str, case: DayCase) -> str:
    """What the record holds of a case, in words; a person's own words stay as they are."""
    if name.startswith("erasures_"):
        said = say("wipe.unattested.word") if case.claim == UNATTESTED else None
        said = said or find(f"supervisor.claim.{case.claim}") or case.claim
        return f"{said}, {case.detail}".strip(", ")
    if name == "locks":
        codes = [word.partition("=")[0] for word in case.detail.split()]
        return ", ".join(say(f"grading.lock.{LOCK_QUESTIONS[code]}") for code in codes)
    if case.step:  # where somebody pressed F9
        step = find(f"screens.steps.{case.step}") or case.step
        return say("supervisor.detail.help", step=step)
    return find(f"supervisor.detail.{case.detail}") or case.detail


def words_of(name: str, case: DayCase) -> str:
    """The key of a case's title and advice: what is only not attested is not called unproven."""
    if name == "locks" and all(word.endswith("=on") for word in case.detail.split()):
        return "locks_on"
    unattested = name == "erasures_unproven" and case.claim == UNATTESTED
    return "erasures_unattested" if unattested else name


def known_as(store: Store, device: str) -> str:
    """What is written on a machine, or the beginning of what the record calls it."""
    rows = store.query("SELECT asset FROM machine WHERE device = ?", (device,))
    return brief(str(rows[0][0]), 30) if rows and rows[0][0] else device[:13]


def subject_text(store: Store, conflict: Conflict) -> str:
    """What a conflict is about: a machine by its number, a lot or a bench by its name."""
    about = conflict.subject.partition(":")[0]
    return known_as(store, conflict.name) if about in _MACHINES else brief(conflict.name, 40)


def conflict_text(conflict: Conflict) -> str:
    """Which words of the record do not go together, and why where that is not said already."""
    kind = find(f"review.conflict.{conflict.kind}") or conflict.kind
    if conflict.kind in _SAID_BY_KIND:
        return kind
    place = _DETAILS.get(conflict.kind, "review.arbitrate")
    why = find(f"{place}.{conflict.detail}") or brief(conflict.detail, 40)
    return f"{kind} ({why})" if why else kind


def point(words: str, subject: str, detail: str) -> str:
    """One open point in one sentence; `words` as `words_of` gives them."""
    subject, detail = brief(subject, 30), brief(detail, 60)
    return say(f"supervisor.point.{words}", subject=subject, detail=detail)


def pack_name(pack: Pack) -> str:
    return f"{pack.pack} {pack.version}"


def pack_detail(pack: Pack) -> str:
    """What rules of the network that wait for an answer are called, and whose they are."""
    told = say("packs.from", network=pack.network, day=day_text(pack.day))
    return f"{pack.title} ({told})"


def brief(text: str, most: int) -> str:
    """One line of at most so many letters, whatever another bench wrote."""
    text = " ".join(text[: most * 8].split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def closing_lines(
    found: Review, own: str = "", *, when: Callable[[str, str], str] = times.moment
) -> tuple[str, ...]:
    """When the day was closed and opened again, by whom; other benches than `own` are named.

    `when` says a signed moment, given the day it is about.
    """
    lines = []
    for closing in found.closings:
        name = brief(closing.name, 40) or closing.bench[:8]
        head = "" if closing.bench == own else f"{name} : "
        lines.append(head + _closing(closing, when(closing.at, found.day)))
    return tuple(lines)


def _closing(closing: Closing, moment: str) -> str:
    who = brief(closing.operator, 20) or say("supervisor.nobody")
    if not closing.closed:
        return say("supervisor.reopened_at", at=moment, who=who, reason=brief(closing.reason, 100))
    if closing.open:
        return say("supervisor.closed_open_at", at=moment, who=who, count=closing.open)
    return say("supervisor.closed_at", at=moment, who=who)


def day_lines(found: Review) -> tuple[str, ...]:
    benches = [
        say(
            "review.bench",
            name=bench.name or bench.bench[:8],
            arrived=bench.arrived,
            finished=bench.finished,
            blocked=bench.blocked,
        )
        for bench in found.benches[:3]
    ]
    hours = sum(found.minutes_by_step.values())
    waste = sum(found.waste_g.values())
    sums = []
    if waste:
        sums.append(say("supervisor.waste", kilograms=f"{waste / 1000:.1f}"))
    if hours:
        sums.append(say("supervisor.hours", hours=f"{hours // 60} h {hours % 60:02}"))
    warned = [notice_text("warning", warning) for warning in found.warnings[:3]]
    return tuple((benches or [say("review.empty")]) + sums + warned)


def notice_text(area: str, notice: Notice) -> str:
    """A notice of the day, `warning` or `blocking`; a code nobody worded is shown as it is."""
    text = find(f"review.{area}.{notice.code}") or notice.code
    values: dict[str, object] = {"unattested": say("wipe.unattested.word"), **notice.values}
    if "disk" in values:  # which may have neither name nor number
        values["disk"] = values["disk"] or say("review.disk_unnamed")
    return filled_or_bare(text, values)
