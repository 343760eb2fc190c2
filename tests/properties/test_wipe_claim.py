"""Over generated evidence, 50,000 in each run: nothing is rounded up."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wipe.decide.claim import Evidence, Hidden, SampleEvidence, Verification, decide
from wipe.decide.second_look import SecondLook
from wipe.model.codes import CAN_BE_PAST, Code, because, history_from
from wipe.model.spec import Claim, Method, TargetKind, Verify

# What each field may be. Mostly favourable values, so that the high claims are really reached
# and can be wrong; counts lie about the borders that claim.py draws (64, 1000).
FEW = (0, 1, 3, 63, 64, 999, 1000, 1001, 2000, 2000, 5000, 5000)
YES = (*[True] * 14, False)
NONE_BAD = (*[0] * 14, 1, 9)
EITHER = (True, False)
STOPS = (*[None] * 10, because(Code.STOPPED), because(Code.STUCK))
SAMPLE: dict[str, Sequence[Any]] = {
    "taken": FEW,
    "telling": FEW,
    "changed": FEW,
    "unchanged": NONE_BAD,
    "unreadable": NONE_BAD,
    "canaries": FEW,
    "fresh_taken": FEW,
    "fresh_structured": NONE_BAD,
    "fresh_unreadable": NONE_BAD,
    "whole": EITHER,
}
CHECK: dict[str, Sequence[Any]] = {
    "method": tuple(Verify),
    "sectors": FEW,
    "wanted_sectors": FEW,
    "mismatches": NONE_BAD,
    "unreadable": NONE_BAD,
    "complete": YES,
}
LOOK: dict[str, Sequence[Any]] = {
    "places": FEW,
    "different": NONE_BAD,
    "unreadable": NONE_BAD,
    "whole": EITHER,
}
EVIDENCE: dict[str, Sequence[Any]] = {
    "method": tuple(Method),
    "reachable": (Claim.PURGE, Claim.PURGE, Claim.CLEAR, Claim.FAILED),
    "target_kind": tuple(TargetKind),
    "began": YES,
    "interrupted": STOPS,
    "failure": STOPS,
    "flash": (None, True, False),
    "hybrid": EITHER,
    "kind_unknown": EITHER,
    "boot_areas_left": EITHER,
    "serial_known": YES,
    "capabilities_known": YES,
    "hidden": (Hidden.NONE, Hidden.NONE, Hidden.REMOVED, *Hidden),
    "fell_back": EITHER,
    "passes_wanted": (0, 1, 1, 2, 3),
    "passes_done": (0, 1, 2, 3),
    "unwritten_sectors": (None, *NONE_BAD),
    "flushed": YES,
    "direct": YES,
    "unbroken": YES,
    "healed_sectors": NONE_BAD,
    "earlier": ((), (because(Code.DRIVE_LIES),)),
    "forgotten": EITHER,
    "accepted": YES,
    "in_progress_seen": YES,
    "success_seen": YES,
    "drive_failed": (*[False] * 9, True),
    "attested": EITHER,
    "namespaces_left": (None, None, False, True),
    "left": (*[()] * 9, (because(Code.OTHER_NAMESPACES_LEFT, count=1),)),
    "unseen": (*[()] * 4, (because(Code.NAMESPACES_NOT_READ, count=1),)),
    "told": ((), (because(Code.RPMB_LEFT),)),
}
# Structures of their own, and how often they are there.
PARTS = {
    "verification": (Verification, CHECK, 4),
    "sample": (SampleEvidence, SAMPLE, 4),
    "power_cycle_sample": (SampleEvidence, SAMPLE, 2),
    "second_look": (SecondLook, LOOK, 2),
}


def _built(kind: Callable[..., Any], fields: dict[str, Sequence[Any]]) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: st.sampled_from(some) for name, some in fields.items()})


evidences: st.SearchStrategy[Evidence] = st.builds(
    Evidence,
    **{name: st.sampled_from(some) for name, some in EVIDENCE.items()},
    **{name: st.none() | _built(kind, some) for name, (kind, some, _) in PARTS.items()},
)


def drawn(chance: random.Random) -> Evidence:
    """The same, without Hypothesis: a hundred times as many in the same time."""
    parts = {
        name: kind(**{one: chance.choice(values) for one, values in some.items()})
        for name, (kind, some, often) in PARTS.items()
        if chance.randrange(often)
    }
    return Evidence(**{name: chance.choice(some) for name, some in EVIDENCE.items()}, **parts)


GOOD = (Claim.PURGE, Claim.CLEAR)


def purge_needs_success_and_a_changed_sample(evidence: Evidence, claim: Claim) -> None:
    if claim is not Claim.PURGE:
        return
    sample = evidence.sample
    assert evidence.method is not Method.OVERWRITE
    assert evidence.reachable is Claim.PURGE
    assert evidence.accepted and evidence.in_progress_seen and evidence.success_seen
    assert not evidence.drive_failed and evidence.serial_known and evidence.capabilities_known
    assert sample is not None and sample.changed >= 1
    assert sample.unchanged == sample.unreadable == sample.fresh_structured == 0
    assert evidence.hidden not in (Hidden.LEFT, Hidden.UNKNOWN)
    again = evidence.power_cycle_sample
    assert again is None or again.unchanged == 0


def nothing_good_with_unwritten_sectors_or_an_unverified_pass(
    evidence: Evidence, claim: Claim
) -> None:
    if claim not in GOOD:
        return
    assert not evidence.unwritten_sectors
    if evidence.method is Method.OVERWRITE:
        check = evidence.verification
        assert evidence.unwritten_sectors == 0 and evidence.flushed
        assert evidence.passes_done >= evidence.passes_wanted >= 1
        assert check is not None and check.complete and check.sectors > 0
        assert check.mismatches == 0 and check.unreadable == 0 and evidence.unbroken
        assert check.method is Verify.SAMPLE or check.sectors >= check.wanted_sectors
        look = evidence.second_look
        assert look is None or look.different == look.unreadable == 0
    else:
        sample = evidence.sample
        assert evidence.accepted and evidence.success_seen and not evidence.drive_failed
        assert sample is not None and sample.changed >= 1 and sample.unchanged == 0


def nothing_good_beside_what_was_not_reached(evidence: Evidence, claim: Claim) -> None:
    """What is told with the claim is never swallowed either."""
    if claim in GOOD:
        assert not evidence.left
        assert all(one in decide(evidence).reasons for one in evidence.told)
    if claim is Claim.PURGE:
        assert not evidence.unseen


def what_was_stopped_or_failed_is_never_a_success(evidence: Evidence, claim: Claim) -> None:
    if evidence.interrupted is not None:
        assert claim is Claim.INTERRUPTED
    elif evidence.failure is not None or not evidence.began:
        assert claim not in GOOD


def every_claim_says_whether_the_power_was_off_since(evidence: Evidence, told: set[Code]) -> None:
    block = evidence.target_kind is TargetKind.BLOCK
    said = {Code.POWER_CYCLE_CHECKED, Code.POWER_CYCLE_NOT_CHECKED} & told
    assert len(said) == (1 if block else 0)


def check_all(evidence: Evidence) -> Claim:
    """Every rule over one evidence; the claim it was given."""
    decision = decide(evidence)
    purge_needs_success_and_a_changed_sample(evidence, decision.claim)
    nothing_good_with_unwritten_sectors_or_an_unverified_pass(evidence, decision.claim)
    what_was_stopped_or_failed_is_never_a_success(evidence, decision.claim)
    nothing_good_beside_what_was_not_reached(evidence, decision.claim)
    assert decision.reasons, "every claim says why"
    codes = [one.code for one in decision.reasons]
    if decision.claim is Claim.FAILED and evidence.failure is None:
        # Another technique may follow: then each of these is history, and is worded so.
        assert evidence.reachable is Claim.FAILED or set(codes) <= CAN_BE_PAST
    history = decision.reasons[history_from(codes) :]
    assert history == (evidence.earlier if Code.FELL_BACK in codes else ())
    if decision.claim in GOOD:
        told = {one.code for one in decision.reasons}
        every_claim_says_whether_the_power_was_off_since(evidence, told)
    return decision.claim


@given(evidences)
def test_nothing_is_rounded_up(evidence: Evidence) -> None:
    check_all(evidence)


def test_nothing_is_rounded_up_over_fifty_thousand_evidences() -> None:
    """Enough to be worth something: each claim is reached hundreds of times."""
    seed = random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    reached: Counter[Claim] = Counter()
    for _ in range(50_000):
        evidence = drawn(chance)
        try:
            reached[check_all(evidence)] += 1
        except AssertionError:
            print(f"seed {seed}: {evidence}")
            raise
    assert all(reached[claim] > 50 for claim in Claim), (seed, reached)


def test_the_high_claims_can_be_reached() -> None:
    whole = SampleEvidence(2000, 2000, 2000, fresh_taken=2000)
    purge = Evidence(
        Method.ATA_SANITIZE_CRYPTO,
        Claim.PURGE,
        began=True,
        serial_known=True,
        capabilities_known=True,
        hidden=Hidden.NONE,
        direct=True,
        accepted=True,
        in_progress_seen=True,
        success_seen=True,
        sample=whole,
    )
    assert decide(purge).claim is Claim.PURGE
    clear = Evidence(
        Method.OVERWRITE,
        Claim.CLEAR,
        began=True,
        passes_wanted=1,
        passes_done=1,
        unwritten_sectors=0,
        flushed=True,
        direct=True,
        verification=Verification(Verify.FULL, 100, 100, complete=True),
        unbroken=True,
    )
    assert decide(clear).claim is Claim.CLEAR
