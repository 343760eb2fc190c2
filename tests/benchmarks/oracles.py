"""Our facts against what other people's tools expect of the same inputs, field by field.

`PYTHONPATH=. python -P -m tests.benchmarks.oracles [--util-linux DIR] [--glpi-agent DIR]
[--corpus DIR]` reads checkouts of util-linux (its lscpu dumps, asked through this machine's
`lscpu -s`, and their expected texts) and glpi-agent (its samples of EDIDs and dmidecode dumps,
and what its tests expect), and the corpus of dmidecode dumps, whose file names tell the maker.
None of their data is in this repository. A row: how often ours agrees, differs, and is unknown
where the oracle knows; `--each` prints every difference. Ends with 1 where a field differs in
more than it agrees.

Not every difference is a fault of ours: an oracle prints numeric serials in hexadecimal, keeps
placeholders, and takes a hypervisor's or an LPAR's sockets for processors.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from diagnostics.read import read

_ENTRY = re.compile(r"^    '([^'\n]+)' => \{(.*?)\n    \},?$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"(\w+)\s*=> '([^']*)'")
_BIOS = {
    "SMANUFACTURER": ("system", "maker"),
    "SMODEL": ("system", "model"),
    "SSN": ("system", "serial"),
    "MMANUFACTURER": ("board", "maker"),
    "MMODEL": ("board", "model"),
    "MSN": ("board", "serial"),
    "BMANUFACTURER": ("bios", "vendor"),
    "BVERSION": ("bios", "version"),
}
_LSCPU = ("CPU(s)", "Socket(s)", "Core(s) per socket", "Model name")


class Compared(NamedTuple):
    field: str
    where: str
    ours: Any
    theirs: Any


def expected(path: Path) -> dict[str, dict[str, str]]:
    """The hash of a Perl test: name of a sample to its fields."""
    found = _ENTRY.findall(path.read_text("utf-8", "replace"))
    return {name: dict(_FIELD.findall(body)) for name, body in found}


def screens(tree: Path) -> Iterator[Compared]:
    """EDID samples: serial and name."""
    for name, fields in expected(tree / "t/tasks/inventory/generic/screen.t").items():
        sample = tree / "resources/generic/edid" / name
        if sample.exists():
            facts = read("edid", sample).get("facts") or {}
            serial = facts.get("serial")
            told = fields.get("SERIAL", "").strip()
            if re.fullmatch(r"[0-9a-f]{8}", told) and serial == str(int(told, 16)):
                serial = told  # the same number, in another base
            empty = not told or re.fullmatch(r"0{8}|(01){4}", told)
            yield Compared("edid serial", name, serial, None if empty else " ".join(told.split()))
            yield Compared("edid name", name, facts.get("model"), fields.get("CAPTION"))


def dumps(tree: Path) -> Iterator[Compared]:
    """dmidecode samples: system, board and firmware."""
    for name, fields in expected(tree / "t/tasks/inventory/generic/dmidecode/bios.t").items():
        sample = tree / "resources/generic/dmidecode" / name
        if sample.is_file():
            facts = read("dmidecode", sample).get("facts") or {}
            for key, (section, field) in _BIOS.items():
                ours = facts.get(section, {}).get(field)
                yield Compared(f"dmi {section}.{field}", name, ours, fields.get(key))


def processors(tree: Path, folder: Path) -> Iterator[Compared]:
    """lscpu dumps: threads, cores, sockets, model."""
    for path in sorted((tree / "tests/ts/lscpu/dumps").glob("*.tar.gz")):
        name = path.name.removesuffix(".tar.gz")
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
        ran = subprocess.run(
            ["lscpu", "-J", "-s", str(folder / name)], capture_output=True, check=False
        )
        facts = read("lscpu", ran.stdout).get("facts") or {}
        text = (tree / "tests/expected/lscpu" / f"lscpu-{name}").read_text("utf-8", "replace")
        whole = text.partition("# The following is the parsable format")[0]
        lines = [line.partition(":") for line in whole.splitlines()]
        told = {
            key: [value.strip() for field, _, value in lines if field.strip() == key]
            for key in _LSCPU
        }
        yield Compared("lscpu threads", name, facts.get("threads"), _whole(told["CPU(s)"]))
        yield Compared("lscpu sockets", name, facts.get("sockets"), _whole(told["Socket(s)"]))
        yield Compared("lscpu cores", name, facts.get("cores"), _cores(told))
        model = next((value for value in told["Model name"] if value != "-"), None)
        yield Compared("lscpu model", name, facts.get("model"), model and " ".join(model.split()))


def _whole(told: list[str]) -> int | None:
    return int(told[0]) if told and told[0].isdecimal() else None


def _cores(told: dict[str, list[str]]) -> int | None:
    """Of all types of core; nothing where books and drawers count sockets (s390)."""
    pairs = list(zip(told["Core(s) per socket"], told["Socket(s)"], strict=False))
    return sum(int(cores) * int(sockets) for cores, sockets in pairs) or None


def named(corpus: Path) -> Iterator[Compared]:
    """The corpus of dumps: the maker its file name bears, shortened as that source does."""
    for path in sorted((corpus / "dmidecode").glob("*.txt")):
        facts = read("dmidecode", path).get("facts") or {}
        maker = path.name.split("__")[1].replace("_", " ").casefold()
        ours = (facts.get("identity", {}).get("maker") or "").casefold()
        same = {"hewlett-packard": "hp", "msi": "micro-star"}.get(maker, maker)
        agrees = ours[:4] == maker[:4] or ours.startswith(same)
        told = None if maker == "others" else maker
        yield Compared("corpus maker", path.name, maker if agrees else ours or None, told)


def table(found: list[Compared], *, each: bool) -> int:
    """Print it; 1 where a field differs in more than it agrees."""
    rows: dict[str, Counter[str]] = {}
    for row in found:
        if row.theirs is not None and row.theirs != "":
            is_same = row.ours == row.theirs
            answer = "unknown" if row.ours is None else "agrees" if is_same else "differs"
            rows.setdefault(row.field, Counter())[answer] += 1
            if each and answer != "agrees":
                print(f"  {row.field}: {row.where}: {row.ours!r}, theirs {row.theirs!r}")
    print(f"{'field':24}{'agrees':>8}{'differs':>9}{'unknown':>9}{'of known':>10}")
    for field, counts in rows.items():
        known = counts["agrees"] + counts["differs"]
        share = f"{100 * counts['agrees'] / known:.1f} %" if known else "-"
        print(
            f"{field:24}{counts['agrees']:8}{counts['differs']:9}{counts['unknown']:9}{share:>10}"
        )
    return int(any(counts["differs"] > counts["agrees"] for counts in rows.values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--util-linux", "--glpi-agent", "--corpus"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--each", action="store_true")
    given = parser.parse_args()
    found: list[Compared] = []
    if given.util_linux:
        with tempfile.TemporaryDirectory() as folder:
            found += processors(given.util_linux, Path(folder))
    if given.glpi_agent:
        found += [*screens(given.glpi_agent), *dumps(given.glpi_agent)]
    if given.corpus:
        found += named(given.corpus)
    if not found:
        parser.error("no oracle was given")
    return table(found, each=given.each)


if __name__ == "__main__":
    sys.exit(main())
