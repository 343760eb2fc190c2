"""How many processors and cores: hybrids, two types of core, two sockets, and false sockets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.exchange.formats import glpi
from bench.exchange.formats.source import Item
from diagnostics.findings import Findings, merge
from diagnostics.identify import conclude
from diagnostics.model import Cpu, Machine
from diagnostics.read import read

Rows = list[dict[str, Any]]


def rows(**values: object) -> Rows:
    names = {
        "cpus": "CPU(s)", "off": "Off-line CPU(s) list", "model": "Model name",
        "threads": "Thread(s) per core", "cores": "Core(s) per socket", "sockets": "Socket(s)",
        "in_cluster": "Core(s) per cluster", "clusters": "Cluster(s)",
        "in_book": "Socket(s) per book", "in_drawer": "Book(s) per drawer",
        "drawers": "Drawer(s)", "books": "Book(s)", "mhz": "CPU max MHz",
        "virtual": "Virtualization type", "physical": "Physical sockets",
    }  # fmt: skip
    return [{"field": f"{names[key]}:", "data": str(value)} for key, value in values.items()]


def kind(model: str, **values: object) -> Rows:
    """One type of core, as util-linux 2.37 and later nest it."""
    return [{"field": "Model name:", "data": model, "children": rows(**values)}]


def lscpu(found: Rows) -> tuple[int | None, int | None, int | None]:
    facts = read("lscpu", json.dumps({"lscpu": found}).encode())["facts"]
    return facts["sockets"], facts["cores"], facts["threads"]


BIG_LITTLE = [
    *rows(cpus=8),
    {
        "field": "Vendor ID:",
        "data": "ARM",
        "children": [
            *kind("Cortex-A55", threads=1, cores=4, sockets=1, mhz="1800.0000"),
            *kind("Cortex-A76", threads=1, cores=3, sockets=1, mhz="2208.0000"),
            *kind("Cortex-X1", threads=1, cores=1, sockets=1, mhz="2400.0000"),
        ],
    },
]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (rows(cpus=16, threads=2, cores=4, sockets=2), (2, 8, 16)),  # two quad-core Xeons
        (rows(cpus=20, threads=2, cores=12, sockets=1), (1, 12, 20)),  # 8 P, 4 E
        (BIG_LITTLE, (1, 8, 8)),
        (kind("Cortex-A53", threads=1, cores=4, sockets=1), (1, 4, None)),
        # An old lscpu takes each cluster for a socket: 4 + 2 cores, and 1 + 3 + 4, rounded down.
        (rows(cpus=6, model="Cortex-A53", threads=1, cores=3, sockets=2), (None, 6, 6)),
        (rows(cpus=8, model="Cortex-A53", threads=1, cores=2, sockets=3), (None, 8, 8)),
        # ARM without a map of the sockets.
        (rows(cpus=24, threads=1, in_cluster=2, sockets="-", clusters=12), (None, 24, 24)),
        (rows(cpus=24, threads=1, in_cluster=2, sockets=1, clusters=12), (1, 24, 24)),
        (rows(cpus=24, model="Cortex-A53", threads=1, cores=1, sockets=24), (None, 24, 24)),
        (rows(cpus=24, threads=1, cores=1, sockets=24), (None, 24, 24)),
        (rows(cpus=128, threads=1, cores=64, sockets=2, model="Neoverse-N1"), (2, 128, 128)),
        # A hypervisor's sockets are nobody's processors; those of a host are.
        (rows(cpus=4, threads=1, cores=1, sockets=4, virtual="full"), (None, 4, 4)),
        (rows(cpus=4, threads=1, cores=4, sockets=1, virtual="full"), (1, 4, 4)),
        (rows(cpus=4, threads=2, cores=1, sockets=2), (2, 2, 4)),  # two Xeons of one core
        (rows(cpus=8, threads=1, cores=1, sockets=8), (8, 8, 8)),
        (rows(cpus=9, threads=1, cores=1, sockets=9), (None, 9, 9)),
        # s390: books and drawers; the machine has more than the partition was given.
        (rows(cpus=8, threads=1, cores=8, in_book=3, in_drawer=2, drawers=4), (None, 8, 8)),
        (rows(cpus=96, threads=1, cores=4, in_book=6, books=4), (24, 96, 96)),
        (rows(cpus=16, threads=4, cores=1, sockets=4, physical=1), (1, 4, 16)),
        # Siblings switched off are no cores; threads switched off neither.
        (rows(cpus=8, off="4-7", threads=1, cores=4, sockets=1), (1, 4, 8)),
        (rows(cpus=5, threads=2, cores=1, sockets=1), (1, None, 5)),
        (rows(cpus=4), (None, None, 4)),
    ],
)
def test_lscpu_counts(found: Rows, expected: tuple[int | None, ...]) -> None:
    assert lscpu(found) == expected


def test_the_fastest_type_of_core_names_the_speed() -> None:
    assert read("lscpu", json.dumps({"lscpu": BIG_LITTLE}).encode())["facts"]["max_mhz"] == 2400


def test_plain_lscpu_reads_as_its_json_does() -> None:
    found = rows(cpus=16, model="Xeon E5504", threads=2, cores=4, sockets=2)
    text = "".join(f"{row['field']:<24}{row['data']}\n" for row in found)
    expected = read("lscpu", json.dumps({"lscpu": found}).encode(), name="a")
    assert read("lscpu", text.encode(), name="a") == expected
    assert read("lscpu", text.replace("\n", "\r\n").encode("utf-16"), name="a") == expected
    assert "error" in read("lscpu", b"CPU: none\nnothing here\n")


def cpuinfo(threads: list[tuple[int, int]], told: int | None, flags: str = "lm") -> dict[str, Any]:
    """One block a thread: (physical id, core id)."""
    text = ""
    for number, (package, core) in enumerate(threads):
        text += f"processor\t: {number}\nvendor_id\t: GenuineIntel\nphysical id\t: {package}\n"
        text += f"core id\t\t: {core}\nflags\t\t: {flags}\n"
        text += f"cpu cores\t: {told}\n\n" if told else "\n"
    facts: dict[str, Any] = read("cpuinfo", text.encode())["facts"]
    return facts


@pytest.mark.parametrize(
    ("threads", "told", "flags", "expected"),
    [
        # 2 P cores of two threads and 4 E cores of one
        ([(0, 0), (0, 0), (0, 4), (0, 4), (0, 8), (0, 9), (0, 10), (0, 11)], 6, "lm", (1, 6)),
        ([(p, c) for p in (0, 1) for c in (0, 1, 9, 10)], 4, "lm", (2, 8)),
        # Both halves of an Opteron 6100 number their cores alike.
        ([(0, c % 6) for c in range(12)], 12, "lm", (1, 12)),
        ([(0, 0)] * 8, 1, "lm", (1, None)),  # Xen: all threads one core
        ([(0, 0)] * 4, 1, "lm", (1, 1)),  # Xeon Phi has four threads a core
        ([(n, 0) for n in range(24)], 1, "lm", (None, 24)),
        ([(n, 0) for n in range(4)], 1, "hypervisor lm", (None, 4)),
        ([(n, 0) for n in range(2)], 1, "lm", (2, 2)),
    ],
)
def test_cpuinfo_counts(
    threads: list[tuple[int, int]], told: int | None, flags: str, expected: tuple[int | None, ...]
) -> None:
    facts = cpuinfo(threads, told, flags)
    assert (facts["sockets"], facts["cores"], facts["threads"]) == (*expected, len(threads))


def processor(number: int, status: str | None, cores: int, threads: int, more: str = "") -> str:
    told = f"\tStatus: {status}\n" if status else ""
    return (
        f"Handle 0x{number:04X}, DMI type 4, 48 bytes\nProcessor Information\n"
        f"\tSocket Designation: CPU{number}\n\tType: Central Processor\n{told}"
        f"\tCore Count: {cores}\n\tThread Count: {threads}\n{more}\n"
    )


@pytest.mark.parametrize(
    ("dump", "expected"),
    [
        (processor(1, "Populated, Enabled", 4, 8) * 2, (2, 8, 16)),
        (
            processor(1, "Populated, Enabled", 14, 20) + processor(2, "Unpopulated", 0, 0),
            (1, 14, 20),
        ),
        (processor(1, "Populated, Enabled", 4, 1), (1, 4, None)),
        (processor(1, None, 4, 8), None),  # cut before it said whether it is there
        (processor(1, "Populated, Enabled", 4, 8) + processor(2, None, 4, 8), None),
    ],
)
def test_dmidecode_counts(dump: str, expected: tuple[int | None, ...] | None) -> None:
    cpu = read("dmidecode", dump.encode())["facts"]["cpu"]
    found = cpu and (cpu["fitted"], cpu["cores"], cpu["threads"])
    assert found == expected


def test_a_record_without_its_status_is_not_an_empty_socket() -> None:
    facts = read("dmidecode", processor(1, None, 4, 8).encode())["facts"]
    assert facts["processors"][0]["populated"] is None
    facts = read("dmidecode", processor(1, "Unpopulated", 4, 8).encode())["facts"]
    assert facts["processors"][0]["populated"] is False


@pytest.mark.parametrize(
    ("kernel", "fitted", "sockets", "doubted"),
    [(24, 1, 1, True), (1, 2, 1, True), (2, 2, 2, False), (None, 2, 2, False), (2, None, 2, False)],
)
def test_the_firmware_knows_better_how_many_processors_there_are(
    kernel: int | None, fitted: int | None, sockets: int | None, doubted: bool
) -> None:
    machine = conclude(merge(Machine(cpu=Cpu(sockets=kernel)), Findings(cpu=Cpu(fitted=fitted))))
    assert machine.cpu.sockets == sockets
    points = [(d.point, d.first, d.second) for d in machine.disagreements]
    assert points == ([("cpu.sockets", str(kernel), str(fitted))] if doubted else [])


@pytest.mark.parametrize(
    ("cpu", "entries", "cores", "threads"),
    [
        ({"sockets": 2, "cores": 8, "threads": 8}, 2, 4, 1),
        ({"sockets": 2, "cores": 8, "threads": 16}, 2, 4, 2),
        ({"sockets": 1, "cores": 12, "threads": 20}, 1, 12, None),
        ({"sockets": 2, "cores": 7, "threads": 7}, 2, None, 1),
        ({"cores": 24, "threads": 24}, 1, 24, 1),
    ],
)
def test_glpi_gives_each_processor_its_own_cores(
    cpu: dict[str, Any], entries: int, cores: int | None, threads: int | None
) -> None:
    row: dict[str, Any] = dict.fromkeys(("asset", "maker", "model", "serial", "grade"), "")
    item = Item({**row, "device": "d"}, {"cpu": {"model": "Xeon", **cpu}}, (), {}, True)
    made = glpi.document(item, tag="")["content"]["cpus"]
    assert len(made) == entries
    assert all((entry.get("core"), entry.get("corecount")) == (cores, cores) for entry in made)
    assert all(entry.get("thread") == threads for entry in made)
    if cores is not None:
        assert sum(entry["core"] for entry in made) == cpu["cores"]
