"""The reasons, steps and techniques of an erasure in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.words.catalogue import filled_or_bare, find, say
from wipe.decide.plan import Refusal
from wipe.model.codes import Reason, history_from


def reason_text(reason: Reason) -> str:
    """A reason's sentence; an unworded code is shown as it is, never hidden."""
    return code_text(reason.code.value, reason.values, past=False)


def reason_texts(reasons: Sequence[Reason]) -> list[str]:
    """The sentences of a claim's reasons: what is so in the present, what failed before in the
    past."""
    since = history_from([reason.code.value for reason in reasons])
    return [
        code_text(reason.code.value, reason.values, past=number >= since)
        for number, reason in enumerate(reasons)
    ]


def code_text(code: str, values: Mapping[str, str | int], *, past: bool) -> str:
    """The one reader of these sentences. History without words of its own is said to be so."""
    sentence = find(f"wipe.reason_past.{code}") if past else None
    if sentence is None:
        sentence = find(f"wipe.reason.{code}") or code
        sentence = say("erase.before", text=sentence) if past else sentence
    return filled_or_bare(sentence, values)


def step_text(refusal: Refusal) -> str:
    """The next thing a person can do."""
    return find(f"wipe.step.{refusal.step.value}") or refusal.step.value


def technique_text(method: str) -> str:
    return find(f"wipe.technique.{method}") or method


def plain_reasons(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    """Reasons as our JSON has them (docs/design.md): `{code, text}`."""
    return [
        {"code": reason.code.value, "text": text}
        for reason, text in zip(reasons, reason_texts(reasons), strict=True)
    ]
