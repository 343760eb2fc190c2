"""The facts a rule may look at, taken from a disk. Pure.

What is not here cannot be decided on: raw attributes 1, 7, 188, 195, the history of 199, the
NVMe error-log count. `None` = not known; a rule on it does not fire, except `missing` rules.
"""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.model import Disk, DiskKind, Smart

_PLAIN = (
    *("reallocated", "pending", "uncorrectable", "reported_uncorrectable", "end_to_end_errors"),
    *("spin_retries", "power_on_hours", "wear_percent", "critical_warning", "media_errors"),
    *("grown_defects", "uncorrected_errors", "exit_status", "helium_percent"),
)
_DERIVED = (
    *("health_failed", "health_told", "kind_told", "failing_attributes", "self_test_failed"),
    *("attribute_count", "read_only", "spare_left_percent"),
    *("reallocated_growth", "crc_growth", "wear_disagreement", "odd_sector_bytes"),
)
FACTS = frozenset(_PLAIN + _DERIVED)
JUDGED = {
    DiskKind.HDD: "hdd",
    DiskKind.SSD: "ssd",
    DiskKind.NVME: "nvme",
    DiskKind.SAS_HDD: "sas_hdd",
    DiskKind.SAS_SSD: "sas_ssd",
    DiskKind.EMMC: "emmc",
}
_PC_SECTORS = (512, 4096)
_SHORT_TESTS, _LONG_TESTS = ("short", "conveyance"), ("extended", "long")
_UNDECIDED_TESTS = ("running", "aborted", "interrupted", "unknown", None)


def inputs(disk: Disk, previous: Disk | None = None) -> dict[str, int | bool | None]:
    """Every fact of `FACTS` for this disk; growths need the reading before the erasure."""
    smart = disk.smart or Smart()
    facts: dict[str, int | bool | None] = {name: getattr(smart, name) for name in _PLAIN}
    facts["health_told"] = True if smart.passed is not None else None
    facts["health_failed"] = _health_failed(disk, smart)
    facts["kind_told"] = True if disk.kind in JUDGED else None
    facts["failing_attributes"] = _failing(smart)
    facts["self_test_failed"] = self_test_failed(smart)
    facts["attribute_count"] = len(smart.attributes)
    facts["read_only"] = _either(smart.read_only, disk.read_only)
    facts["spare_left_percent"] = _spare_left(smart)
    facts["wear_disagreement"] = _disagreement(smart)
    facts["odd_sector_bytes"] = _odd_sectors(disk)
    before = previous.smart if previous is not None else None
    for name, field in (("reallocated_growth", "reallocated"), ("crc_growth", "crc_errors")):
        had = getattr(before, field) if before is not None else None
        facts[name] = _difference(getattr(smart, field), had)
    return facts


def _health_failed(disk: Disk, smart: Smart) -> bool | None:
    """NVMe's "passed" only repeats the warning bits, some of which do not scrap a drive."""
    if smart.passed is None:
        return None
    if disk.kind is DiskKind.NVME and smart.critical_warning:
        return False  # with no bit set a failure is the drive's own word, and stands
    return not smart.passed


def _failing(smart: Smart) -> int | None:
    """Pre-fail attributes below threshold now. Heat of the moment is not wear."""
    if not smart.attributes:
        return None
    return sum(
        attribute.failing == "now" and attribute.prefail is True and "Temp" not in attribute.name
        for attribute in smart.attributes
    )


def self_test_failed(smart: Smart) -> bool | None:
    """Whether a failed test stands; `None` where no test ended.

    A later pass clears it only when it looked as far: a short test does not read the sectors an
    extended one could not (and we start short ones ourselves, on every disk).
    """
    passed = 0
    for test in smart.self_tests:
        if test.outcome in _UNDECIDED_TESTS:
            continue
        if test.outcome == "failed":
            reach = 1 if test.kind in _SHORT_TESTS else 2
            if reach > passed:
                return True
        elif test.outcome == "passed":
            passed = max(passed, 2 if test.kind in _LONG_TESTS else 1)
    return False if passed else None


def _either(first: bool | None, second: bool | None) -> bool | None:
    if first or second:
        return True
    return first if first is not None else second


def _spare_left(smart: Smart) -> int | None:
    """The reserve above the maker's threshold as a share of all that can be above it.

    Makers put the threshold at 10, some at 99: a margin in points would call the last one low
    when it is full. Below the threshold it is less than nought.
    """
    spare, threshold = smart.spare_percent, smart.spare_threshold_percent
    if spare is None or threshold is None:
        return None
    if spare < threshold:
        return spare - threshold
    return 100 * (spare - threshold) // (100 - threshold) if threshold < 100 else 100


def _disagreement(smart: Smart) -> int | None:
    """Points between the best and the worst that a drive says of its wear."""
    told = [source.used_percent for source in smart.wear_sources]
    return max(told) - min(told) if told else 0 if smart.wear_percent is not None else None


def _odd_sectors(disk: Disk) -> int | None:
    """The sector size of a disk array, which no PC can use; 0 for 512 and 4096 bytes."""
    size = disk.logical_sector_bytes
    return None if size is None else size if size not in _PC_SECTORS else 0


def _difference(value: int | None, base: int | None) -> int | None:
    return value - base if value is not None and base is not None else None


def missing(facts: Mapping[str, int | bool | None]) -> tuple[str, ...]:
    """Names of the facts that are not known, sorted."""
    return tuple(sorted(name for name, value in facts.items() if value is None))
