"""The day's review in sentences: what the record holds of a case, and the sums of a day."""

from __future__ import annotations

from bench.grading.facts import LOCK_QUESTIONS
from bench.records.day.review import UNATTESTED, DayCase, Notice, Review
from bench.words.catalogue import find, say


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
    warned = [_warning(warning) for warning in found.warnings[:3]]
    return tuple((benches or [say("review.empty")]) + sums + warned)


def _warning(notice: Notice) -> str:
    text = find(f"review.warning.{notice.code}") or notice.code
    return text.format(**notice.values)
