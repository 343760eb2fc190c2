"""Over generated evidence: nothing is rounded up. The thorough profile tries 10,000."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wipe.claim import Evidence, Hidden, SampleEvidence, Verification, decide
from wipe.codes import Code, because
from wipe.spec import Claim, Method, TargetKind, Verify

few = st.one_of(st.just(0), st.integers(0, 3), st.integers(990, 5000))
# Mostly favourable values, so that the high claims are really reached and can be wrong.
yes = st.sampled_from([True, True, True, True, True, False])
none_bad = st.one_of(st.just(0), st.just(0), st.just(0), st.integers(0, 9))

samples = st.builds(
    SampleEvidence,
    taken=few,
    telling=few,
    changed=few,
    unchanged=none_bad,
    unreadable=none_bad,
    canaries=few,
    fresh_taken=few,
    fresh_structured=none_bad,
    fresh_unreadable=none_bad,
    whole=st.booleans(),
)
checks = st.builds(
    Verification,
    method=st.sampled_from(Verify),
    sectors=few,
    wanted_sectors=few,
    mismatches=none_bad,
    unreadable=none_bad,
    complete=yes,
)
stops = st.sampled_from([None, None, None, None, because(Code.STOPPED), because(Code.STUCK)])
evidences = st.builds(
    Evidence,
    method=st.sampled_from(Method),
    reachable=st.sampled_from([Claim.PURGE, Claim.PURGE, Claim.CLEAR, Claim.FAILED]),
    target_kind=st.sampled_from(TargetKind),
    began=yes,
    interrupted=stops,
    failure=stops,
    flash=st.sampled_from([None, True, False]),
    serial_known=yes,
    capabilities_known=yes,
    hidden=st.sampled_from([Hidden.NONE, Hidden.REMOVED, *Hidden]),
    fell_back=st.booleans(),
    passes_wanted=st.integers(0, 3),
    passes_done=st.integers(0, 3),
    unwritten_sectors=st.one_of(st.none(), none_bad),
    flushed=yes,
    direct=yes,
    verification=st.one_of(st.none(), checks, checks, checks),
    accepted=yes,
    in_progress_seen=yes,
    success_seen=yes,
    drive_failed=st.sampled_from([False, False, False, True]),
    attested=st.booleans(),
    namespaces_left=st.sampled_from([None, None, False, True]),
    sample=st.one_of(st.none(), samples, samples, samples),
    power_cycle_sample=st.one_of(st.none(), st.none(), samples),
)
GOOD = (Claim.PURGE, Claim.CLEAR)


@given(evidences)
def test_purge_needs_success_and_a_changed_sample(evidence: Evidence) -> None:
    if decide(evidence).claim is not Claim.PURGE:
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


@given(evidences)
def test_nothing_above_failed_with_unwritten_sectors_or_an_unverified_pass(
    evidence: Evidence,
) -> None:
    if decide(evidence).claim not in GOOD:
        return
    assert not evidence.unwritten_sectors
    if evidence.method is Method.OVERWRITE:
        check = evidence.verification
        assert evidence.unwritten_sectors == 0 and evidence.flushed
        assert evidence.passes_done >= evidence.passes_wanted >= 1
        assert check is not None and check.complete and check.sectors > 0
        assert check.mismatches == 0 and check.unreadable == 0
        assert check.method is Verify.SAMPLE or check.sectors >= check.wanted_sectors
    else:
        sample = evidence.sample
        assert evidence.accepted and evidence.success_seen and not evidence.drive_failed
        assert sample is not None and sample.changed >= 1 and sample.unchanged == 0


@given(evidences)
def test_what_was_stopped_or_failed_is_never_a_success(evidence: Evidence) -> None:
    decision = decide(evidence)
    if evidence.interrupted is not None:
        assert decision.claim is Claim.INTERRUPTED
    elif evidence.failure is not None or not evidence.began:
        assert decision.claim not in GOOD
    assert decision.reasons, "every claim says why"


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
    )
    assert decide(clear).claim is Claim.CLEAR
