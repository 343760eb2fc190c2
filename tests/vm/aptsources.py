"""Reads which Debian mirrors this machine is set up with, so that the tests name none."""

from __future__ import annotations

import re
from pathlib import Path

APT = Path("/etc/apt")


def codename() -> str | None:
    """Debian's name for this release ("bookworm"), or `None` on another system."""
    try:
        words = dict(
            line.split("=", 1)
            for line in Path("/etc/os-release").read_text().splitlines()
            if "=" in line
        )
    except OSError:
        return None
    if words.get("ID", "").strip('"') != "debian":
        return None
    return words.get("VERSION_CODENAME", "").strip('"') or None


def _suites(name: str) -> set[str]:
    return {name, f"{name}-updates", f"{name}-security"}


def _deb822(text: str, name: str) -> list[str]:
    """The stanzas for Debian itself; other vendors' name other suites."""
    kept = []
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        fields = {
            line.split(":", 1)[0].lower(): line.split(":", 1)[1].split()
            for line in lines
            if ":" in line and not line.startswith(" ")
        }
        suites = fields.get("suites", [])
        if suites and set(suites) <= _suites(name) and "main" in fields.get("components", []):
            kept.append("\n".join(lines) + "\n")
    return kept


def _one_line(text: str, name: str) -> list[str]:
    """Old style lines ("deb URI suite main"), turned into deb822 stanzas."""
    kept = []
    for line in text.splitlines():
        match = re.match(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)", line.strip())
        if match is None or match[3] not in _suites(name) or "main" not in match[4].split():
            continue
        signed = re.search(r"signed-by=(\S+)", match[1] or "")
        key = f"Signed-By: {signed[1]}\n" if signed else ""
        kept.append(f"Types: deb\nURIs: {match[2]}\nSuites: {match[3]}\nComponents: main\n{key}")
    return kept


def debian(folder: Path = APT) -> str | None:
    """This machine's Debian entries as one deb822 text, or `None` when there are none."""
    name = codename()
    if name is None:
        return None
    stanzas: list[str] = []
    for path in sorted((folder / "sources.list.d").glob("*.sources")):
        stanzas += _deb822(path.read_text(), name)
    for path in (folder / "sources.list", *sorted((folder / "sources.list.d").glob("*.list"))):
        if path.is_file():
            stanzas += _one_line(path.read_text(), name)
    return "\n".join(stanzas) or None
