"""What would be done to a disk and why: `etabli erase --plan-only`, in words and in JSON."""

from __future__ import annotations

import json
from typing import Any

from bench.erasing.candidates import Candidate, reason_text, step_text, told
from bench.errors.failure import Exit
from bench.words.catalogue import say
from wipe.decide.plan import Plan, Refusal
from wipe.model.codes import Reason
from wipe.seen import naming


def show_plans(found: list[Candidate], *, as_json: bool) -> int:
    """Print each; the exit code: refused where one of them is."""
    for one in found:
        if as_json:
            print(json.dumps(_plan_plain(one), ensure_ascii=False))
        elif not isinstance(one.plan, Plan) or not one.answer.allowed:
            reasons = " ".join(reason_text(reason) for reason in one.reasons)
            step = step_text(one.plan) if isinstance(one.plan, Refusal) else ""
            print(say("erase.plan_refused", disk=one.target.path, reasons=reasons, step=step))
        else:
            print(say("erase.plan_title", disk=one.target.path, confirm=one.confirm))
            for number, technique in enumerate(one.plan.techniques, 1):
                line = say(
                    "erase.plan_line",
                    number=number,
                    technique=technique.name,
                    claim=technique.claim.value,
                    why=reason_text(Reason(technique.why)),
                )
                print(f"  {line}")
            for note in one.plan.notes:
                print(f"  - {reason_text(note)}")
    return int(Exit.DONE if all(one.allowed for one in found) else Exit.REFUSED)


def _plan_plain(one: Candidate) -> dict[str, Any]:
    plan = one.plan

    shown: dict[str, Any] = {
        "path": one.target.path,
        "serial": one.target.serial,
        "serial_doubt": naming.doubt_of(one.target),
        "confirm": one.confirm,
        "guard": {"allowed": one.answer.allowed, "reasons": told(one.answer.reasons)},
        "techniques": [],
        "refusal": None,
        "notes": [],
    }
    if isinstance(plan, Refusal):
        shown["refusal"] = {**told((plan.reason,))[0], "step": step_text(plan)}
        return shown
    shown["notes"] = told(plan.notes)
    shown["techniques"] = [
        {
            "name": technique.name,
            "method": technique.method.value,
            "claim": technique.claim.value,
            "standard": technique.standard,
            "why": told((Reason(technique.why),))[0],
        }
        for technique in plan.techniques
    ]
    return shown
