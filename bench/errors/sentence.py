"""All that `etabli` writes to a terminal: sentences, tables, JSON, and what failed.

Most of what is told was written elsewhere: a record, a paper, a bag, a disk that came with a
donated PC. So there is one way out, and it lets nothing by that moves the cursor, turns the
writing round or makes a line look like two (tests/unit/architecture/test_output.py).
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from typing import TYPE_CHECKING, Any, TextIO

from bench.errors.failure import Exit, Failure
from bench.words.catalogue import filled_or_bare, find, say
from bench.words.dates import day_text

if TYPE_CHECKING:
    from rich.console import RenderableType


# Lower packages raise their own small errors: a code and values. Where their sentence is.
_AREAS = {
    "RecordsError": ("records.errors", "exchange.errors", "hub.errors"),
    "BagError": ("exchange.errors", "records.errors"),
    "LabelError": ("label.error",),
    "GradingError": ("grading.error",),
}


# Codes that say the person asked for something that is not: wrong use, not a broken machine.
_USAGE = frozenset(
    (
        *("account_exists", "account_name", "account_person", "account_role", "account_unknown"),
        *("account_workshop", "workshop_unknown"),
        *("part_unknown", "server_unknown"),
        *("webhook_most", "webhook_unknown", "webhook_url"),
        *("mail_host", "mail_security", "mail_address", "mail_base", "mail_user", "mail_days"),
        *("mail_unset", "mail_password"),
        *("bench_ambiguous", "bench_unknown", "backup_missing", "day_unreadable"),
        *("fingerprint_length", "fingerprint_miscopied", "fingerprint_unreadable"),
        *("format_unknown", "list_without_lot", "lot_unknown", "machine_unknown"),
        *("pack_empty", "pack_form", "pack_kind", "pack_name", "pack_no_rules", "pack_quirks"),
        *("pack_rules", "pack_rules_loose", "pack_rules_version", "pack_title", "pack_too_big"),
        *("pack_letter", "pack_letter_in", "pack_picture", "pack_text", "pack_unknown"),
        *("person_fields", "person_unknown", "push_url", "reason_missing"),
        *("revoke_event_unknown", "revoke_event_ambiguous", "not_revoked"),
        *("receipt_unreadable", "role_unknown", "same_device", "sealed_kind"),
        *("sealed_unreadable", "sync_folder", "value_text"),
        *("asset_too_wide", "label_too_wide", "qr_too_long", "sheet_empty", "too_small"),
        *("unknown_destination", "unknown_dpi", "unknown_size", "unknown_target"),
    )
)
_REFUSED = frozenset(
    (
        *("backup_exists", "hub_backup_exists"),
        *(
            "day_blocked",
            "day_is_closed",
            "day_is_open",
            "fingerprint_unchecked",
            "fingerprint_wrong",
            "pin_locked",
            "pin_unset",
            "pin_weak",
        ),
        *("pack_absent", "pack_clash", "pack_networks", "pack_not_coordination", "pack_withdrawn"),
        *("pin_wrong", "receipt_foreign", "receipt_replayed", "receipt_revoked_key"),
        *("receipt_unknown_key", "sealed_signature", "workshop_foreign"),
        *("supervisor_needed", "supervisor_uncertified", "key_unfit"),
        *("workshop_in_use", "certificate_other"),
        *("forbidden_words", "refurbished_not_allowed"),
    )
)


def _exit(code: str) -> Exit:
    return Exit.USAGE if code in _USAGE else Exit.REFUSED if code in _REFUSED else Exit.MACHINE


def as_failure(error: Exception) -> Failure | None:
    """A lower package's error as ours; `None` for anything else (a bug)."""
    code, values = getattr(error, "code", None), getattr(error, "values", {})
    for area in _AREAS.get(type(error).__name__, ()):
        key = f"{area}.{code}"
        if find(key) is not None:
            return Failure(key, _exit(str(code)), **values)
    if type(error).__name__ in _AREAS:
        return Failure(str(code), _exit(str(code)), **values)
    return None


def sentence(failure: Failure) -> str:
    """What a failure says: what and why, then what to do."""
    if "." in failure.code:  # a lower package's own words
        return _filled(find(failure.code) or failure.code, failure.values)
    text = find(f"errors.{failure.code}.say")
    if text is None:
        details = ", ".join(f"{name}={value}" for name, value in failure.values.items())
        return say("errors.unworded.say", code=failure.code, details=details)
    hint = find(f"errors.{failure.code}.hint")
    return _filled(text if hint is None else f"{text} {hint}", failure.values)


def reason(failure: Failure) -> dict[str, str]:
    """A failure as JSON has it: the code without its area, and the sentence."""
    return {"code": failure.code.rpartition(".")[2], "text": sentence(failure)}


def _filled(text: str, values: dict[str, object]) -> str:
    """Fill what is known; an unknown placeholder must not turn an error into a crash."""
    said = {name: _plain(value) for name, value in values.items()}
    if "day" in said:  # the records name days as they are written
        said["day"] = day_text(str(said["day"]))
    return filled_or_bare(text, said)


# Control, format (writing turned round), surrogate, unassigned, private, line and paragraph
# ends. Not every space: French puts a no-break one before its colons.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"))


def plain(text: str) -> str:
    """A text from a file or a record, fit for a terminal: nothing that moves the cursor,
    turns the writing round, or is no character.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in _UNSEEN else c for c in text)


def tell(text: str, *, error: bool = False, to: TextIO | None = None, flush: bool = False) -> None:
    """Print one line, on stdout or on stderr, or `to` a stream that was handed in."""
    print(plain(text), file=to or (sys.stderr if error else sys.stdout), flush=flush)


def tell_text(text: str) -> None:
    """Print a text of several lines that somebody else wrote: its lines are lines, its tabs spaces,
    and each is set in, so that none looks like a line of ours.
    """
    for line in text.replace("\r\n", "\n").rstrip().split("\n"):
        tell(f"  {line.expandtabs(4)}".rstrip())


def tell_json(value: Any, *, indent: int | None = None) -> None:
    """Print JSON that a terminal may show: what `plain` would replace stays, escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    print(_NOT_PLAIN.sub(_escaped, text), flush=True)


# Outside of strings JSON is ASCII, and its only control character is the line end.
_NOT_PLAIN = re.compile(r"[^\n\x20-\x7e]")


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    if unicodedata.category(character) not in _UNSEEN:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def show(table: RenderableType) -> None:
    """Print a table. Its words are words: brackets in them are no styles."""
    from rich.console import Console
    from rich.segment import Segment, Segments

    console = Console(highlight=False, markup=False, emoji=False)
    drawn = (
        Segment("\n".join(map(plain, part.text.split("\n"))), part.style)
        for part in console.render(table)
        if not part.control
    )
    console.print(Segments(drawn))


def _plain(value: object) -> object:
    """Numbers stay numbers: a sentence may say how to write them; of an exception the words do."""
    return value if isinstance(value, (int, float, Exception)) else plain(str(value))


def complain(failure: Failure) -> None:
    tell(f"etabli: {sentence(failure)}", error=True)


def complain_unexpected(error: Exception) -> int:
    """A bug, or the machine giving way under us: one line, the rest with --debug."""
    failure = as_failure(error)
    if failure is not None:
        complain(failure)
        return int(failure.exit_code)
    if isinstance(error, OSError):
        shown = say("errors.os.say", detail=error)
        if error.filename is not None:
            shown = say("errors.os_path.say", detail=error, path=error.filename)
    else:
        shown = say("errors.bug.say", detail=f"{type(error).__name__}: {error}")
    tell(f"etabli: {shown}", error=True)
    return int(Exit.MACHINE)
