"""Reads anybody's report, offline: one JSON-able object a file, never an exception.

Kinds: smartctl (JSON of `smartctl -j`), dmidecode (text), lscpu (`lscpu -J` or text), cpuinfo
(`/proc/cpuinfo`), lsblk (`lsblk -J -O -b`), edid (bytes), battery (uevent text or JSON).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.health.rules import Phase, RuleSet
from diagnostics.health.verdict import Verdict, verdict
from diagnostics.model import Fact
from diagnostics.report_dmi import report
from diagnostics.sources import battery, cpu, dmi_text, edid, lsblk, smartctl
from diagnostics.sources.coerce import load_json, utf8

MAX_BYTES = 16 << 20  # the longest real report known has 2 MB


class _Malformed(Exception):
    """The bytes are not a report of this kind; the text says why, for `error`."""


def read(
    kind: str,
    source: str | Path | bytes,
    *,
    rules: RuleSet | None = None,
    language: str = "fr",
    name: str | None = None,
) -> dict[str, Any]:
    """`{file, facts}` of one report; smartctl adds `verdict`, `reasons`, `rule_set`, `unknowns`.

    A file that is missing or no report of this kind gives `{file, error}`. `kind` is one of
    `KINDS`, else `KeyError`.
    """
    reader = KINDS[kind]
    file = name if name is not None else ("-" if isinstance(source, bytes) else str(source))
    try:
        data = source if isinstance(source, bytes) else _bytes(Path(source))
        found = reader(data)
    except _Malformed as error:
        return {"file": file, "error": str(error)}
    answer: dict[str, Any] = {"file": file, "facts": plain(found)}
    if kind == "smartctl":
        answer.update(judged(verdict(found, phase=Phase.BEFORE, rules=rules, language=language)))
    return answer


def judged(result: Verdict) -> dict[str, Any]:
    """A verdict as JSON-able fields."""
    return {
        "verdict": result.verdict.value,
        "reasons": [
            {
                "rule": reason.rule,
                "value": reason.value,
                "threshold": reason.threshold,
                "text": reason.text,
            }
            for reason in result.reasons
        ],
        "rule_set": result.rule_set,
        "unknowns": list(result.unknowns),
    }


def plain(value: object) -> Any:
    """Facts as JSON-able objects."""
    return msgspec.to_builtins(value)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _Malformed(f"unreadable: {error.strerror}") from error
    except ValueError as error:  # a NUL in the name
        raise _Malformed("unreadable: name") from error
    if len(data) > MAX_BYTES:
        raise _Malformed("too big")
    if not data.strip(b"\x00 \t\r\n"):
        raise _Malformed("empty")
    return data


def _text(data: bytes) -> str:
    return utf8(data).decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")


def _smartctl(data: bytes) -> Fact:
    try:
        document = load_json(data)
    except ValueError:
        raise _Malformed("not JSON") from None
    if not smartctl.is_report(document):
        raise _Malformed("not a smartctl report")
    return smartctl.describe(document)


def _dmidecode(data: bytes) -> dict[str, Any]:
    tables = dmi_text.split(_text(data))
    if not tables:
        raise _Malformed("no SMBIOS structure")
    return report(tables)


def _lscpu(data: bytes) -> Fact:
    if not cpu.lscpu_rows(data):
        raise _Malformed("not an lscpu report")
    return cpu.parse_lscpu(data)


def _cpuinfo(data: bytes) -> Fact:
    found = cpu.parse_cpuinfo(_text(data))
    if found.threads is None and found.model is None:
        raise _Malformed("no processor")
    return found


def _lsblk(data: bytes) -> dict[str, Any]:
    try:
        document = load_json(data)
    except ValueError:
        raise _Malformed("not JSON") from None
    if not isinstance(document, dict) or not isinstance(document.get("blockdevices"), list):
        raise _Malformed("not an lsblk report")
    return {"disks": plain(lsblk.parse(data))}


def _edid(data: bytes) -> Fact:
    found = edid.parse(data)
    if found is None:
        raise _Malformed(f"EDID {edid.problem(data)}")
    return found


def _battery(data: bytes) -> Fact:
    values = battery.parse_uevent(_text(data))
    if not values:
        raise _Malformed("no battery values")
    # A file of one battery needs no TYPE line: `grep . BAT0/*` of old kernels has none.
    found = battery.describe(values.get("name", "battery"), {"type": "Battery", **values})
    if found is None:
        raise _Malformed("not a battery of the machine")
    return found


KINDS: dict[str, Callable[[bytes], Any]] = {
    "smartctl": _smartctl,
    "dmidecode": _dmidecode,
    "lscpu": _lscpu,
    "cpuinfo": _cpuinfo,
    "lsblk": _lsblk,
    "edid": _edid,
    "battery": _battery,
}
