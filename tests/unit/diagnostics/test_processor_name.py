"""A processor by the name people use, wherever one is shown; the record keeps its own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.processor import processor_name

NAMES = {
    "Intel(R) Core(TM) i5-7300U CPU @ 2.60GHz": "Intel Core i5-7300U",
    "12th Gen Intel(R) Core(TM) i5-1235U": "Intel Core i5-1235U",
    "11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz": "Intel Core i5-1135G7",
    "Intel(R) Core(TM) Ultra 5 125H": "Intel Core Ultra 5 125H",
    "Intel(R) Core(TM) m3-7Y30 CPU @ 1.00GHz": "Intel Core m3-7Y30",
    "Intel(R) N100": "Intel N100",
    "Intel(R) Core(TM) i3 CPU       M 370  @ 2.40GH ": "Intel Core i3-370M",
    "Intel(R) Core(TM) i7 CPU       Q 740  @ 1.73GHz": "Intel Core i7-740QM",
    "Intel(R) Core(TM) i7 CPU         870  @ 2.93GHz": "Intel Core i7-870",
    "Intel(R) Core(TM) i7 CPU       X 980  @ 3.33GHz": "Intel Core i7 X 980",
    "Intel(R) Core(TM)2 Duo CPU     T7300  @ 2.00GHz": "Intel Core 2 Duo T7300",
    "Intel(R) Core(TM)2 Duo CPU E8400 @": "Intel Core 2 Duo E8400",
    "Pentium(R) Dual-Core CPU       T4400  @ 2.20GHz": "Intel Pentium Dual-Core T4400",
    "Pentium(R) Dual-Core  CPU      E5300  @ 2.60GHz": "Intel Pentium Dual-Core E5300",
    "Celeron(R) Dual-Core CPU T3100 @ 1.90GHz": "Intel Celeron Dual-Core T3100",
    "Intel(R) Celeron(R) CPU  N3050  @ 1.60GHz": "Intel Celeron N3050",
    "Intel(R) Pentium(R)  CPU": "Intel Pentium",
    "Intel(R) Pentium(R) Silver N5000 CPU @ 1.10GHz": "Intel Pentium Silver N5000",
    "Intel(R) Atom(TM) CPU  330   @ 1.60GHz": "Intel Atom 330",
    "Intel(R) Xeon(R) CPU E5-2620 0 @ 2.00GHz": "Intel Xeon E5-2620",
    "Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz": "Intel Xeon E5-2620 v3",
    "Genuine Intel(R) CPU           T2400  @ 1.83GHz": "Intel T2400",
    "AMD Ryzen 5 PRO 4650U with Radeon Graphics": "AMD Ryzen 5 PRO 4650U",
    "AMD Ryzen 9 7940HS w/ Radeon 780M Graphics     ": "AMD Ryzen 9 7940HS",
    "AMD Ryzen 7 PRO 2700 Eight-Core Processor      ": "AMD Ryzen 7 PRO 2700",
    "AMD Ryzen Threadripper PRO 3945WX 12-Cores": "AMD Ryzen Threadripper PRO 3945WX",
    "AMD Ryzen Z1 Extreme": "AMD Ryzen Z1 Extreme",
    "AMD A4-9125 RADEON R3, 4 COMPUTE CORES 2C+2G   ": "AMD A4-9125",
    "AMD PRO A10-8700B R6, 10 Compute Cores 4C+6G": "AMD PRO A10-8700B",
    "AMD A6-6310 APU with AMD Radeon R4 Graphics    ": "AMD A6-6310",
    "AMD GX-424CC SOC with Radeon(TM) R5E Graphics  ": "AMD GX-424CC",
    "AMD FX(tm)-6350 Six-Core Processor": "AMD FX-6350",
    "AMD Athlon(tm) 64 X2 Dual Core Processor 4600+": "AMD Athlon 64 X2 4600+",
    "AMD Phenom(tm) II N660 Dual-Core Processor": "AMD Phenom II N660",
    "AMD Turion(tm) 64 X2 Mobile Technology TL-60": "AMD Turion 64 X2 TL-60",
    "AMD Sempron(tm) Processor LE-1250": "AMD Sempron LE-1250",
    "AMD EPYC 7763 64-Core Processor": "AMD EPYC 7763",
    "AMD FX-8150 EIGHT-CORE Eight-Core Processor": "AMD FX-8150",
    "Apple M1": "Apple M1",
    "Cortex-A72": "Cortex-A72",
    "ARMv7 Processor rev 4 (v7l)": "ARMv7 Processor rev 4 (v7l)",
    "QEMU Virtual CPU version 2.5+": "QEMU Virtual CPU version 2.5+",
    "VIA Eden Processor  500MHz": "VIA Eden Processor 500MHz",
}

_DIGITS = re.compile(r"\d+")


@pytest.mark.parametrize("raw", NAMES)
def test_the_name_people_use(raw: str) -> None:
    assert processor_name(raw) == NAMES[raw]


@pytest.mark.parametrize("raw", [None, "", "   ", "\t\n"])
def test_what_was_not_read_has_no_name(raw: str | None) -> None:
    assert processor_name(raw) is None


def _holds(raw: str) -> None:
    name = processor_name(raw)
    if not raw.strip():
        assert name is None
        return
    assert name and name == name.strip() and "\n" not in name
    assert processor_name(name) == name, "a name shown and read again changes no more"
    assert set(_DIGITS.findall(name)) <= set(_DIGITS.findall(raw)), "a number was made up"


_PARTS = st.sampled_from(
    [*{part for raw in NAMES for part in raw.split(" ")}, "", " ", "@", "(R)", "(TM)", "w/", "®-"]
)


@given(st.one_of(st.text(max_size=80), st.lists(_PARTS, max_size=9).map(" ".join)))
def test_whatever_a_processor_says_of_itself(raw: str) -> None:
    _holds(raw)


def test_long_nonsense_costs_no_time() -> None:
    for piece in ("(R)", " with", " R3, 4 compute", "AMD ", "Core i5 M ", "6-core "):
        _holds(piece * 2_000)


def test_every_recorded_machine(corpus: Path) -> None:
    said = {
        line.partition(":")[2].strip()
        for path in (corpus / "dmidecode").glob("*.txt")
        for line in path.read_text("utf-8", "replace").splitlines()
        if line.strip().startswith("Version:")
    }
    sold = [raw for raw in said if "Intel(R)" in raw or raw.startswith("AMD ")]
    assert len(sold) > 100
    for raw in said:
        _holds(raw)
    for raw in sold:
        assert not re.search(r"\(|@|\bCPU\b|Processor|Graphics", processor_name(raw) or ""), raw
