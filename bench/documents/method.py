"""How a disk was erased, as a paper says it: in the reader's language, the standards' terms after.

"Réécriture, passe aléatoire (NIST Clear, overwrite)": who keeps the paper reads the first half,
who audits it the brackets. The level stands there only where it was reached.
"""

from __future__ import annotations

from bench.casefile.erasure import AttestedDisk
from bench.words.catalogue import say
from wipe.model.spec import Method
from wipe.model.techniques import read_name


def method_text(disk: AttestedDisk, *, level: bool = True) -> str:
    """The method of a disk's last erasure; a name that is not ours is shown as it is recorded.

    `level`: whether NIST's is named, which a table may say in a column of its own.
    """
    if not disk.technique:
        return say("documents.nothing_tried")
    reached = level and disk.erased
    nist = say("documents.method.level", level=disk.claim.capitalize()) if reached else ""
    found = read_name(disk.technique)
    if found is None:
        return f"{disk.technique} ({nist})" if nist else disk.technique
    method, passes = found
    if method is Method.OVERWRITE:
        words, term = _passes(passes), "overwrite"
    else:
        words = say(f"documents.method.{method.value}")
        term = disk.technique.replace(" (", ", ").removesuffix(")")  # no brackets in brackets
    return f"{words} ({', '.join(part for part in (nist, term) if part)})"


def _passes(passes: tuple[str, ...]) -> str:
    each = [say(f"documents.method.pass.{name}") for name in passes]
    if len(each) == 1:
        return say("documents.method.overwrite", what=each[0])
    return say("documents.method.overwrite_passes", count=len(each), what=", ".join(each))
