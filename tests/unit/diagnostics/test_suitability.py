"""Suitability: each minimum, the unknown, the cheapest change, the processor lists."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from diagnostics.model import Battery, Cpu, Firmware, Machine, Memory, Tpm
from diagnostics.probe import probe
from diagnostics.recording.capture import Replay
from diagnostics.suitability import (
    Fit,
    Suitability,
    battery_percent,
    best,
    data,
    suitability,
    windows11_cpu,
)

ROOT = Path(__file__).resolve().parents[3]
change = msgspec.structs.replace


@pytest.fixture(scope="module")
def laptop() -> Machine:
    """The recorded laptop with a processor of Microsoft's list and a believed battery."""
    machine = probe(Replay(ROOT / "tests" / "machines" / "laptop-nvme"))
    return change(machine, batteries=(Battery(name="BAT0", health_percent=88),))


def answers(machine: Machine, verdict: str = "reuse") -> dict[str, Suitability]:
    found = suitability(machine, {disk.name: verdict for disk in machine.disks})
    return {answer.profile: answer for answer in found}


def codes(answer: Suitability) -> list[str]:
    return [why.code for why in answer.reasons]


def test_a_good_laptop_fits_everything(laptop: Machine) -> None:
    assert {answer.fit for answer in answers(laptop).values()} == {Fit.YES}


@pytest.mark.parametrize(
    ("profile", "changed", "code", "fit"),
    [
        ("windows11", {"tpm": Tpm(present=True, version=1)}, "tpm_version", Fit.NO),
        ("windows11", {"tpm": Tpm()}, "tpm_unseen", Fit.UNKNOWN),
        ("windows11", {"firmware": Firmware(mode="bios")}, "firmware_mode", Fit.UNKNOWN),
        ("windows11", {"cpu": Cpu(model="Intel(R) Core(TM) i5-6300U CPU @ 2.40GHz",
            flags=("popcnt", "sse4_1", "sse4_2"))}, "windows11_cpu", Fit.NO),
        ("windows11", {"cpu": Cpu(model="Somebody's CPU",
            flags=("popcnt", "sse4_1", "sse4_2"))}, "windows11_cpu", Fit.UNKNOWN),
        ("windows11", {"cpu": Cpu(model="Intel(R) N100")}, "cpu_flags", Fit.UNKNOWN),
        ("office_linux", {"memory": Memory(installed_bytes=4 << 30)}, "ram", Fit.NO),
        ("office_linux", {"memory": Memory()}, "ram", Fit.UNKNOWN),
        ("office_linux", {"cpu": Cpu(x86_64_level=1)}, "cpu_level", Fit.NO),
        ("office_linux", {"displays": ()}, "screen_width", Fit.UNKNOWN),
        ("office_linux", {"disks": ()}, "no_disk", Fit.NO),
        ("school", {"devices": ()}, "no_camera", Fit.NO),
        ("school", {"network": ()}, "no_wifi", Fit.NO),
        ("school", {"batteries": (Battery(name="B", health_percent=69),)}, "battery", Fit.NO),
        ("school", {"batteries": ()}, "battery_unknown", Fit.UNKNOWN),
        ("low_end", {"memory": Memory(total_bytes=1 << 30)}, "ram", Fit.NO),
    ],
)  # fmt: skip
def test_each_minimum(
    laptop: Machine, profile: str, changed: dict[str, object], code: str, fit: Fit
) -> None:
    answer = answers(change(laptop, **changed))[profile]
    assert (codes(answer), answer.fit) == ([code], fit)


def test_a_watched_disk_is_only_for_low_end(laptop: Machine) -> None:
    found = answers(laptop, verdict="watch")
    assert [profile for profile, answer in found.items() if answer.fit is Fit.YES] == [
        "low_end",
        "parts",
    ]
    assert codes(found["office_linux"]) == ["disk_verdict"]


def test_an_unjudged_disk_makes_nothing_suitable(laptop: Machine) -> None:
    found = suitability(laptop, {})
    assert best(found) == "parts"
    assert {answer.fit for answer in found if answer.profile != "parts"} == {Fit.UNKNOWN}


def test_the_cheapest_change_lifts_all_reasons_or_none(laptop: Machine) -> None:
    small = change(laptop, memory=Memory(installed_bytes=4 << 30, free_slots=1, max_bytes=16 << 30))
    office = answers(small, verdict="scrap")["office_linux"]
    assert (office.upgrade, office.upgrade_euros) == (("add_memory", "replace_disk"), 35)
    old = change(small, cpu=Cpu(x86_64_level=1))
    assert answers(old)["office_linux"].upgrade == ()


def test_memory_past_the_boards_limit_is_no_upgrade(laptop: Machine) -> None:
    full = change(laptop, memory=Memory(installed_bytes=4 << 30, max_bytes=4 << 30))
    assert answers(full)["office_linux"].upgrade == ()


def test_one_lying_gauge_makes_the_battery_unknown() -> None:
    good = Battery(name="BAT0", health_percent=80, full_mwh=16_000, design_mwh=20_000)
    lying = Battery(name="BAT1", doubt="full_equals_design")
    assert battery_percent((good,)) == 80
    assert battery_percent((good, lying)) is None
    assert battery_percent(()) is None


@pytest.mark.parametrize(
    ("model", "listed"),
    [
        ("Intel(R) Core(TM) i5-7300U CPU @ 2.60GHz", False),
        ("Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz", True),
        ("Intel(R) Core(TM) i7-7820HQ CPU @ 2.90GHz", True),
        ("11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz", True),
        ("Intel(R) Core(TM) i5-1035G1 CPU @ 1.00GHz", True),
        ("Intel(R) Core(TM)2 Duo CPU E8400 @ 3.00GHz", False),
        ("Intel(R) Core(TM) i5 CPU M 520 @ 2.40GHz", False),
        ("Intel(R) Celeron(R) N4020 CPU @ 1.10GHz", True),
        ("Intel(R) Celeron(R) CPU N3060 @ 1.60GHz", False),
        ("Intel(R) N100", True),
        ("AMD Ryzen 5 2400G with Radeon Vega Graphics", False),
        ("AMD Ryzen 5 2600 Six-Core Processor", True),
        ("AMD Ryzen 5 1600 Six-Core Processor", False),
        ("AMD Ryzen 5 PRO 4650U with Radeon Graphics", True),
        ("AMD A6-6310 APU with AMD Radeon R4 Graphics", False),
        ("VIA Eden Processor 500MHz", None),
        ("AMD Ryzen 7 2800H with Radeon Vega Graphics", False),
        ("AMD Ryzen 5 3500U with Radeon Vega Mobile Gfx", True),
        ("AMD 3020e with Radeon Graphics", True),
        ("Intel(R) Xeon(R) Silver 4110 CPU @ 2.10GHz", True),
        ("Intel(R) Xeon(R) E-2176M CPU @ 2.70GHz", True),
        ("Intel(R) Xeon(R) CPU E5-2650 v4 @ 2.20GHz", False),
        ("Genuine Intel(R) CPU 0000 @ 2.00GHz", None),
        (None, None),
    ],
)
def test_processors_of_windows_11(model: str | None, listed: bool | None) -> None:
    assert windows11_cpu(model) is listed


@pytest.mark.parametrize(
    ("name", "numbers", "listed"),
    [
        ("Genuine Intel(R) CPU 0000", ("GenuineIntel", 6, 94), False),
        ("Genuine Intel(R) CPU 0000", ("GenuineIntel", 6, 165), None),
        ("Intel(R) Xeon(R) Gold 6130 CPU", ("GenuineIntel", 6, 85), True),
        ("Intel(R) Core(TM) i5-8250U CPU", ("GenuineIntel", 6, 142), True),
        ("Intel(R) Core(TM) i5-8250U CPU", ("GenuineIntel", 6, 60), None),  # one of them lies
        ("AMD Eng Sample", ("AuthenticAMD", 23, 17), False),
        ("AMD Eng Sample", ("AuthenticAMD", 22, 48), False),
        ("AMD Eng Sample", ("AuthenticAMD", 25, 80), None),
        ("AMD Eng Sample", ("AuthenticAMD", None, None), None),
    ],
)
def test_processors_by_number(
    name: str, numbers: tuple[str, int | None, int | None], listed: bool | None
) -> None:
    vendor, family, number = numbers
    cpu = Cpu(model=name, vendor=vendor, family=family, model_number=number)
    assert windows11_cpu(name, cpu) is listed


def test_the_processor_list_says_where_it_comes_from() -> None:
    known = data().windows11_list
    assert "microsoft" in known.source and known.as_of >= "2024" and known.blocked_source
