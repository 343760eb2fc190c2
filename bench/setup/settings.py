"""What a workshop sets once for a bench: `settings.toml` in the data folder.

Every line is optional; a bench with no file works. A file that cannot be read is
said (`Failure`), never guessed around: a wrong prefix would number machines wrongly.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from bench.errors.failure import Exit, Failure
from bench.guide.comfort import ThemeName
from bench.guide.starting import MOST_BENCHES
from bench.setup.files import write_file
from diagnostics.learn import learn
from labels.identifier import is_demo


class Operator(msgspec.Struct, frozen=True):
    """A person at the bench. The code is a pseudonym; the name stays on this bench."""

    code: str
    name: str = ""


NAMELESS = "Atelier"  # of a bench nobody has named: no paper is made in that name
MOST_NAME, MOST_ADDRESS, MOST_LINE = 120, 4, 60  # characters, lines, characters of a line


_AtLeastOne = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class Backup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[backup]`: a folder on another disk or share, how often, how many are kept."""

    second: str | None = None
    hours: _AtLeastOne = 24
    keep: _AtLeastOne = 7


class Bags(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[bags]`: how long, and up to how much, the bags that came in are kept as they came."""

    keep_days: _AtLeastOne = 365
    keep_megabytes: _AtLeastOne = 2000


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`settings.toml`. `operators` are not all: `bench.setup.people` reads who works here."""

    bench: Annotated[int, msgspec.Meta(ge=0, le=MOST_BENCHES)] = 1
    workshop: str = NAMELESS  # as papers and labels name it
    address: str = ""  # of the workshop: at most `MOST_ADDRESS` lines, on papers
    siret: str = ""  # or RNA number, on papers
    logo: str = ""  # a PNG or JPEG file in this folder, on papers: `bench.documents.logo`
    prefix: Annotated[str, msgspec.Meta(pattern="^[A-Z]{1,4}$")] = (
        "R"  # of asset numbers; the kind's letter follows: RC26-004217-H
    )
    language: str | None = None
    keyboard: str | None = None  # of the stick's console: `bench.guide.starting.KEYBOARDS`
    operators: tuple[Operator, ...] = ()
    printer: str | None = None  # usb path, tcp://host:9100, ipp queue; None: files only
    printer_language: str = "ql"
    label_size: str = "62x29"
    die_cut: bool = False  # the roll of a QL that does not tell which it has (in the network)
    theme: ThemeName | None = None  # None: the terminal's
    sounds: bool = True  # short sounds: done, something for the hands, a problem
    backup: Backup = Backup()
    bags: Bags = Bags()

    @property
    def named(self) -> bool:
        """Whether the workshop has a name of its own."""
        name = self.workshop.strip().casefold()
        return any(map(str.isalnum, name)) and name not in (NAMELESS.casefold(), "workshop")

    @property
    def site(self) -> str:
        """The workshop on labels, nothing where it has no name of its own."""
        return self.workshop if self.named else ""

    @property
    def address_lines(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.address.splitlines() if line.strip())


def load(folder: Path) -> Settings:
    """The settings of a data folder. Raises `Failure` for a file that is wrong."""
    path = folder / "settings.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unreadable(path, error) from error
    data.pop("supervisor_pin_sha256", None)  # of before; the code is in the record
    if data.pop("console_colours", True) is False:  # of before; a theme says more
        data.setdefault("theme", "mono")
    prefix = str(data.get("prefix", ""))
    if is_demo(prefix.upper()):  # its numbers and papers would be a demonstration's
        raise Failure("settings_prefix", Exit.USAGE, path=path, prefix=prefix[:20])
    try:
        settings = msgspec.convert(data, Settings)
    except msgspec.ValidationError as error:
        raise _unreadable(path, error) from error
    if not _fits_papers(settings):
        raise Failure(
            "settings_papers", Exit.USAGE, path=path, name=MOST_NAME, lines=MOST_ADDRESS,
            line=MOST_LINE,
        )  # fmt: skip
    return settings


def _unreadable(path: Path, error: Exception) -> Failure:
    """A file the disk does not give is none that somebody wrote badly."""
    if isinstance(error, OSError):
        return Failure("file_unreadable", Exit.MACHINE, path=path, why=error)
    return Failure("settings_unreadable", Exit.USAGE, path=path, why=error)


def _fits_papers(settings: Settings) -> bool:
    """Whether name, number and address are what a letterhead has room for."""
    lines = settings.address_lines
    texts = (settings.workshop, settings.siret, *lines)
    return (
        all(text.isprintable() for text in texts)
        and len(settings.workshop) <= MOST_NAME
        and len(lines) <= MOST_ADDRESS
        and all(len(text) <= MOST_LINE for text in (settings.siret, *lines))
    )


def write_first(folder: Path, settings: Settings) -> None:
    """The settings of a new bench, whole or not at all. Raises `Failure`."""
    lines = [
        f"bench = {settings.bench}",
        f"workshop = {_quoted(settings.workshop)}",
        f"language = {_quoted(settings.language or '')}",
        f"keyboard = {_quoted(settings.keyboard or '')}",
    ]
    write_file(folder / "settings.toml", ("\n".join(lines) + "\n").encode())


def keep_keyboard(folder: Path, name: str) -> None:
    """Set the keyboard and leave all else as a person wrote it. Raises `Failure`."""
    path = folder / "settings.toml"
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    write_file(path, with_keyboard(text, name).encode())


_KEYBOARD = re.compile(r"^[ \t]*keyboard[ \t]*=.*$", re.MULTILINE)


def with_keyboard(text: str, name: str) -> str:
    """The file's text with that keyboard; before the first table, where the line must be. Pure."""
    line = f"keyboard = {_quoted(name)}"
    table = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    at = len(text) if table is None else table.start()
    head, tables = text[:at], text[at:]
    if _KEYBOARD.search(head):
        return _KEYBOARD.sub(line, head, count=1) + tables
    return f"{line}\n{head}{tables}"


def _quoted(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's, and names hold no control characters."""
    return json.dumps(text, ensure_ascii=False)


learn(Settings)
