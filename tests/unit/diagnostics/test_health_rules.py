"""Every drive rule: across its threshold verdict and sentence change; unknown never passes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from diagnostics.health.inputs import FACTS, inputs, self_test_failed
from diagnostics.health.rules import (
    Comparison,
    DriveUse,
    Phase,
    Rule,
    RuleError,
    RuleSet,
    standard,
    with_overrides,
)
from diagnostics.health.verdict import fires, verdict
from diagnostics.model import Attribute, Disk, DiskKind, SelfTest, Smart, WearSource
from diagnostics.sources.smartctl_ata import attribute_hours

RULES = standard().rules
KINDS = {
    "hdd": DiskKind.HDD, "ssd": DiskKind.SSD, "nvme": DiskKind.NVME, "sas_hdd": DiskKind.SAS_HDD,
    "sas_ssd": DiskKind.SAS_SSD, "emmc": DiskKind.EMMC, "any": DiskKind.UNKNOWN,
}  # fmt: skip
QUIET = Attribute(id=5, name="Reallocated_Sector_Ct", value=100, threshold=10, prefail=True, raw=0)
SOUND = Smart(
    available=True, passed=True, exit_status=0, power_on_hours=1000, attributes=(QUIET,),
    self_tests=(SelfTest(kind="short", outcome="passed"),), reallocated=0, pending=0,
    uncorrectable=0, reported_uncorrectable=0, end_to_end_errors=0, spin_retries=0, crc_errors=0,
    wear_percent=3, spare_percent=100, spare_threshold_percent=10, critical_warning=0,
    media_errors=0, grown_defects=0, uncorrected_errors=0, read_only=False,
)  # fmt: skip


def sound(kind: DiskKind) -> Disk:
    return Disk(path="/dev/sdx", name="sdx", kind=kind, read_only=False, smart=SOUND)


def with_fact(disk: Disk, fact: str, value: int | bool | None) -> tuple[Disk, Disk]:
    """The disk showing this value of a fact, and the reading before its erasure."""
    before = disk
    smart = disk.smart
    assert smart is not None
    change = msgspec.structs.replace
    if fact in ("health_failed", "health_told"):
        passed = None if value is None else (not value if fact == "health_failed" else True)
        warning = None if fact == "health_failed" and value else smart.critical_warning
        smart = change(smart, passed=passed, critical_warning=warning)
    elif fact == "kind_told":
        return change(disk, kind=DiskKind.UNKNOWN if value is None else DiskKind.HDD), before
    elif fact == "failing_attributes":
        failing = change(QUIET, failing="now")
        smart = change(smart, attributes=(QUIET,) + (failing,) * int(value or 0))
    elif fact == "self_test_failed":
        outcome = "failed" if value else "passed"
        smart = change(smart, self_tests=(SelfTest(kind="short", outcome=outcome),))
    elif fact == "attribute_count":
        smart = change(smart, attributes=(QUIET,) * int(value or 0))
    elif fact == "spare_left_percent":  # of a threshold of 0 the share is the spare itself
        spare = None if value is None else max(int(value), 0)
        low = 5 if value is not None and value < 0 else 0
        smart = change(smart, spare_percent=spare, spare_threshold_percent=low)
    elif fact == "wear_disagreement":
        told = (WearSource("a", 3), WearSource("b", 3 + int(value or 0)))
        smart = change(smart, wear_sources=told)
    elif fact == "odd_sector_bytes":
        return change(disk, logical_sector_bytes=520 if value else 512), before
    elif fact == "reallocated_growth":
        smart = change(smart, reallocated=int(value or 0))
    elif fact == "crc_growth":
        smart = change(smart, crc_errors=int(value or 0))
    else:
        smart = change(smart, **{fact: value})
    return change(disk, smart=smart), before


def sides(rule: Rule) -> tuple[int | bool | None, int | bool | None]:
    """A value that does not fire a rule, and the nearest one that does."""
    return {
        Comparison.AT_LEAST: (rule.threshold - 1, rule.threshold),
        Comparison.MORE_THAN: (rule.threshold, rule.threshold + 1),
        Comparison.LESS_THAN: (rule.threshold, rule.threshold - 1),
        Comparison.ANY_BIT: (0, rule.threshold & -rule.threshold),
        Comparison.IS_TRUE: (False, True),
        Comparison.MISSING: (1, None),
    }[rule.comparison]


CASES = [(rule, media) for rule in RULES for media in rule.media]


@pytest.mark.parametrize(("rule", "media"), CASES, ids=lambda one: getattr(one, "id", one))
def test_a_rule_flips_at_its_threshold(rule: Rule, media: str) -> None:
    phase = Phase.BEFORE if rule.phase is Phase.ANY else rule.phase
    quiet, loud = sides(rule)
    seen = {}
    for side, value in (("quiet", quiet), ("loud", loud)):
        disk, before = with_fact(sound(KINDS[media]), rule.fact, value)
        result = verdict(disk, phase=phase, previous=before)
        seen[side] = {reason.rule: reason for reason in result.reasons}
        if side == "loud":
            assert result.verdict is not DriveUse.REUSE
            reason = seen["loud"][rule.id]
            assert reason.verdict is rule.verdict
            assert reason.text and "{" not in reason.text
            assert reason.value not in (None, "") and reason.threshold not in (None, "")
            order = (DriveUse.SCRAP, DriveUse.UNKNOWN, DriveUse.WATCH)
            assert order.index(result.verdict) <= order.index(rule.verdict)
    if rule.id != "any.kind.unknown":
        assert rule.id not in seen["quiet"]
    assert rule.id in seen["loud"]


@pytest.mark.parametrize("kind", [k for m, k in KINDS.items() if m != "any"])
@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.AFTER])
def test_a_sound_disk_may_be_used_again(kind: DiskKind, phase: Phase) -> None:
    result = verdict(sound(kind), phase=phase, previous=sound(kind))
    assert (result.verdict, result.reasons) == (DriveUse.REUSE, ())


@pytest.mark.parametrize("kind", list(DiskKind))
@pytest.mark.parametrize("smart", [None, Smart(), Smart(available=True)])
def test_nothing_read_never_gives_reuse(kind: DiskKind, smart: Smart | None) -> None:
    disk = Disk(path="/dev/sdx", name="sdx", kind=kind, smart=smart)
    assert verdict(disk).verdict is DriveUse.UNKNOWN


@pytest.mark.parametrize("kind", [DiskKind.USB_FLASH, DiskKind.SD, DiskKind.UNKNOWN])
def test_a_kind_without_rules_is_unknown_even_when_all_is_told(kind: DiskKind) -> None:
    assert verdict(sound(kind)).verdict is DriveUse.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "fact"),
    [(DiskKind.HDD, f) for f in ("reallocated", "pending", "power_on_hours", "health_told")]
    + [(DiskKind.SSD, f) for f in ("wear_percent", "health_told")]
    + [(DiskKind.NVME, f) for f in ("wear_percent", "critical_warning", "media_errors")]
    + [(DiskKind.SAS_HDD, f) for f in ("grown_defects", "uncorrected_errors", "health_told")],
)
def test_one_missing_measure_is_enough_for_unknown(kind: DiskKind, fact: str) -> None:
    disk, _ = with_fact(sound(kind), fact, None)
    assert verdict(disk).verdict is DriveUse.UNKNOWN


def test_ignored_attributes_decide_nothing() -> None:
    noisy = tuple(
        Attribute(id=number, name=name, value=100, raw=2**40 + 7)
        for number, name in (
            (1, "Raw_Read_Error_Rate"), (7, "Seek_Error_Rate"), (195, "Hardware_ECC_Recovered"),
            (188, "Command_Timeout"), (199, "UDMA_CRC_Error_Count"),
        )
    )  # fmt: skip
    smart = msgspec.structs.replace(SOUND, attributes=(QUIET, *noisy), crc_errors=5000)
    disk = msgspec.structs.replace(sound(DiskKind.HDD), smart=smart)
    assert verdict(disk).verdict is DriveUse.REUSE
    assert not {"crc_errors", "error_log_count"} & FACTS


def test_heat_of_the_moment_scraps_nothing() -> None:
    hot = Attribute(id=190, name="Airflow_Temperature_Cel", failing="now", prefail=True)
    smart = msgspec.structs.replace(SOUND, attributes=(QUIET, hot))
    disk = msgspec.structs.replace(sound(DiskKind.HDD), smart=smart)
    assert verdict(disk).verdict is DriveUse.REUSE


def test_an_aborted_test_does_not_hide_the_failed_one_before_it() -> None:
    tests = (SelfTest(outcome="aborted"), SelfTest(outcome="failed"), SelfTest(outcome="passed"))
    smart = msgspec.structs.replace(SOUND, self_tests=tests)
    disk = msgspec.structs.replace(sound(DiskKind.HDD), smart=smart)
    assert verdict(disk).verdict is DriveUse.SCRAP


def test_a_pending_sector_is_watched_before_and_scrapped_after_erasure() -> None:
    disk, before = with_fact(sound(DiskKind.HDD), "pending", 1)
    assert verdict(disk, phase=Phase.BEFORE).verdict is DriveUse.WATCH
    assert verdict(disk, phase=Phase.AFTER, previous=before).verdict is DriveUse.SCRAP


def test_both_languages_have_every_sentence_short_and_filled() -> None:
    for rule in RULES:
        for sentence in (rule.fr, rule.en):
            assert len(sentence.split()) <= 12, rule.id


def write(folder: Path, text: str) -> Path:
    path = folder / "atelier.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_workshop_makes_a_rule_stricter_and_is_named(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'name = "nantes"\nversion = "3"\n[[rule]]\nid = "hdd.reallocated.scrap"\nthreshold = 1\n',
    )
    rules = with_overrides(standard(), path)
    disk, _ = with_fact(sound(DiskKind.HDD), "reallocated", 2)
    assert verdict(disk).verdict is DriveUse.WATCH
    result = verdict(disk, rules=rules)
    assert (result.verdict, result.rule_set) == (DriveUse.SCRAP, "etabli-1+nantes-3")
    assert result.reasons[0].threshold == 1


def test_a_workshop_mutes_a_rule(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'name = "nantes"\nversion = "3"\n[[rule]]\nid = "hdd.hours.watch"\ndisabled = true\n',
    )
    disk, _ = with_fact(sound(DiskKind.HDD), "power_on_hours", 50_000)
    assert verdict(disk).verdict is DriveUse.WATCH
    assert verdict(disk, rules=with_overrides(standard(), path)).verdict is DriveUse.REUSE


def test_muting_every_question_for_data_never_gives_reuse() -> None:
    rules = RuleSet("none", tuple(msgspec.structs.replace(r, disabled=True) for r in RULES))
    assert verdict(Disk(path="x", name="x", kind=DiskKind.HDD), rules=rules).verdict is (
        DriveUse.UNKNOWN
    )


@pytest.mark.parametrize(
    "text",
    [
        "name = ",
        'name = "x"\n',
        'name = "x"\nversion = "1"\n[[rule]]\nid = "new.rule"\n',
        'name = "x"\nversion = "1"\n[[rule]]\nid = "hdd.hours.watch"\nthreshold = "many"\n',
        'name = "x"\nversion = "1"\n[[rule]]\nid = "hdd.hours.watch"\nfact = "crc_errors"\n',
        'name = "x"\nversion = "1"\n[[rule]]\nid = "hdd.hours.watch"\nmedia = ["floppy"]\n',
        'name = "x"\nversion = "1"\n[[rule]]\nid = "hdd.hours.watch"\nfr = "{nobody}"\n',
        'name = "x"\nversion = "1"\n[[rule]]\nid = "hdd.hours.watch"\ntypo = 1\n',
        "\x00",
    ],
)
def test_a_file_that_cannot_be_followed_is_refused_whole(tmp_path: Path, text: str) -> None:
    with pytest.raises(RuleError):
        with_overrides(standard(), write(tmp_path, text))


def test_a_missing_override_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as caught:
        with_overrides(standard(), tmp_path / "none.toml")
    assert caught.value.code == "unreadable"


def test_inputs_tell_exactly_the_allowed_facts() -> None:
    assert set(inputs(sound(DiskKind.HDD))) == set(FACTS)


def test_an_unknown_fact_fires_only_missing_rules() -> None:
    nothing: dict[str, int | bool | None] = dict.fromkeys(FACTS)
    for rule in RULES:
        assert fires(rule, nothing) is (rule.comparison is Comparison.MISSING)


@pytest.mark.parametrize(
    ("tests", "stands"),
    [
        ((("short", "failed"),), True),
        ((("short", "passed"), ("short", "failed")), False),
        ((("short", "passed"), ("extended", "failed")), True),  # ours passes on every disk
        ((("extended", "passed"), ("extended", "failed")), False),
        ((("extended", "aborted"), ("extended", "failed")), True),
        (((None, "passed"), (None, "failed")), True),
        ((("short", "aborted"),), None),
        ((), None),
    ],
)
def test_only_a_test_as_long_clears_a_failed_one(
    tests: tuple[tuple[str | None, str], ...], stands: bool | None
) -> None:
    smart = Smart(self_tests=tuple(SelfTest(kind, outcome) for kind, outcome in tests))
    assert self_test_failed(smart) is stands


def test_a_failed_nvme_without_a_warning_bit_is_not_good() -> None:
    smart = Smart(passed=False, critical_warning=0, wear_percent=1, media_errors=0,
                  spare_percent=100, spare_threshold_percent=10)  # fmt: skip
    disk = Disk(path="/dev/nvme0", name="nvme0", kind=DiskKind.NVME, smart=smart)
    assert verdict(disk).verdict is DriveUse.SCRAP


@pytest.mark.parametrize(
    ("name", "raw", "hours"),
    [
        ("Power_On_Hours", "4660h+12m+33.123s", 4660),
        ("Power_On_Hours_and_Msec", "17h+00m+00.000s", 17),
        ("Power_On_Hours", "4661094", None),  # 532 years
        ("Power_On_Hours", "900", 900),
        ("Power_On_Minutes", "900", None),
        ("Power_On_Half_Minutes", "900", None),
        ("Power_On_Hours", "900 (2 0)", None),
    ],
)
def test_hours_of_attribute_9(name: str, raw: str, hours: int | None) -> None:
    assert attribute_hours({"name": name, "raw": {"string": raw}}) == hours
