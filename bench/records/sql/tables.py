"""The tables folds fill: data, so that creating, clearing and hashing them is one loop.

Every table is STRICT and WITHOUT ROWID and its rows depend on the events alone, so
that two stores with the same events have the same bytes in them. The first column
of each key is the subject whose fold owns the row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FOLD_VERSION = 20  # raised when a fold changes: the store rebuilds its tables at opening


@dataclass(frozen=True)
class Table:
    """`key` and `columns` are `name TYPE`; `indexes` are column lists, with `WHERE` if any."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    indexes: tuple[str, ...] = ()
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(text.split()[0] for text in self.key + self.columns)
        object.__setattr__(self, "names", names)

    @property
    def owner(self) -> str:
        """The column that names the subject."""
        return self.key[0].split()[0]

    @property
    def order(self) -> str:
        """The key columns, for ORDER BY."""
        return ", ".join(text.split()[0] for text in self.key)

    def create(self) -> list[str]:
        """The statements that make it."""
        columns = ", ".join(f"{text}" for text in self.key + self.columns)
        made = [
            f"CREATE TABLE {self.name} ({columns}, PRIMARY KEY ({self.order}))"
            " STRICT, WITHOUT ROWID"
        ]
        for number, index in enumerate(self.indexes):
            what, _, where = index.partition(" WHERE ")
            made.append(
                f"CREATE INDEX {self.name}_{number} ON {self.name} ({what})"
                + (f" WHERE {where}" if where else "")
            )
        return made


# What may be promised: finished, graded, every disk proven erased, nothing to arbitrate or answer.
FREE = (
    "state = 'finished' AND grade <> '' AND blocked = '' AND locks = '' AND to_arbitrate = 0"
    " AND disks_erased = disks"
)
MACHINE = Table(
    "machine",
    ("device TEXT",),
    (
        "asset TEXT",
        "kind TEXT",
        "maker TEXT",
        "model TEXT",
        "serial TEXT",
        "board_serial TEXT",
        "cpu TEXT",  # as the processor tells its own name
        "ram_mib INTEGER",  # NULL: not read
        "storage_bytes INTEGER",  # of the disks that are in it; NULL where nobody knows them all
        "made_year INTEGER",  # NULL where nothing says it
        "bench TEXT",  # of arrival
        "holder TEXT",  # workshop that holds it now
        "lot TEXT",
        "lot_of TEXT",  # the workshop whose lot it is: two may give one name to a lot each
        "state TEXT",
        "blocked TEXT",  # code, "" when it is not
        "blocked_step TEXT",  # of the visit, where help was called
        "arrived_at TEXT",
        "arrived_day TEXT",
        "finished_day TEXT",
        "grade TEXT",
        "suggested TEXT",
        "functional TEXT",
        "cosmetic TEXT",
        "grade_distance INTEGER",  # from the suggestion; 0 once validated
        "labelled INTEGER",  # 0 too where the label got no grade, which could be given since
        "locks TEXT",  # questions without an answer and, with "=on", locks that are closed
        "disks INTEGER",
        "disks_erased INTEGER",
        "disks_bad INTEGER",
        "disks_unproven INTEGER",
        "disks_out INTEGER",  # taken out without a proven erasure
        "weight_g INTEGER",
        "request TEXT",
        "to_arbitrate INTEGER",
        "probe TEXT",  # hash of the event with the facts in force
        "last_day TEXT",
        "destined TEXT",  # reuse, repair, parts, weee, "" where nobody decided
        "left_day TEXT",  # handed over, or gone to parts or to waste; "" while it is here
        "told TEXT",  # the other tool whose list names it: glpi, snipeit, bolc, sheet; else ""
        "tag TEXT",  # its number there
    ),
    (
        "asset, device",
        "serial, model, device",
        "board_serial, device WHERE board_serial <> ''",
        "tag, told, device WHERE tag <> ''",
        "arrived_day, bench",
        "finished_day, bench",
        "lot, lot_of",
        "left_day WHERE left_day <> ''",
        "state, kind, grade",
        "holder, state",
        f"state, device WHERE {FREE}",
        # Whole, so that they are counted without a look at the machines.
        "state, holder, device, grade, blocked, locks, to_arbitrate, disks_erased, disks"
        f" WHERE {FREE}",
        "request WHERE request <> ''",
        "bench, arrived_day WHERE finished_day = '' AND state NOT IN ('handed_over', 'gone')",
        "device, blocked WHERE blocked <> ''",
        "device WHERE labelled = 0 AND state NOT IN ('handed_over', 'gone')",
        "device WHERE grade = '' AND state NOT IN ('handed_over', 'gone')",
        "device WHERE lot = '' AND state NOT IN ('handed_over', 'gone')",
        "device WHERE grade_distance >= 2",
        "device WHERE locks <> '' AND state NOT IN ('handed_over', 'gone')",
    ),
)
DISK = Table(
    "disk",
    ("device TEXT", "disk TEXT"),
    (
        "model TEXT",
        "serial TEXT",
        "size_bytes INTEGER",
        "wwn TEXT",
        "doubt TEXT",  # why serial and WWN are not the disk's own, "" where they are
        "claim TEXT",  # what lists, labels and papers say: none where nothing was done
        "told TEXT",  # what its erasure claimed, before its evidence was looked at
        "proven INTEGER",
        "missing INTEGER",  # a probe saw it, a later one did not, nobody said it was taken out
        "removed TEXT",  # day it was taken out without being erased, "" while it is in
    ),
    ("serial", "wwn WHERE wwn <> ''", "device WHERE missing = 1"),
)
ERASURE = Table(
    "erasure",
    ("device TEXT", "event TEXT"),
    (
        "disk TEXT",
        "job TEXT",
        "bench TEXT",
        "day TEXT",
        "model TEXT",
        "serial TEXT",
        "size_bytes INTEGER",
        "technique TEXT",
        "claim TEXT",
        "method TEXT",
        "sectors INTEGER",
        "mismatches INTEGER",
        "bad_sectors INTEGER",
        "journal_hash TEXT",
        "started TEXT",
        "ended TEXT",
        "tool TEXT",
        "systems TEXT",  # hashes of the images it ran under, a blank between; "-" for none
        "proven INTEGER",
        "effect INTEGER",  # 0: it certainly left the disk as it was
        "current INTEGER",
    ),
    (
        "day, bench",
        "serial",
        "journal_hash",
        "day WHERE current = 1 AND claim IN ('failed', 'interrupted', 'none', 'refused')",
        "day WHERE current = 1 AND claim IN ('purge', 'clear') AND proven = 0",
    ),
)
TEST = Table(
    "test",
    ("device TEXT", "test TEXT"),
    ("outcome TEXT", "event TEXT", "bench TEXT", "times INTEGER"),
)
GRADE = Table(
    "grade",
    ("device TEXT", "event TEXT"),
    (
        "grade TEXT",
        "functional TEXT",
        "cosmetic TEXT",
        "overridden INTEGER",
        "reason TEXT",
        "rule_set TEXT",
        "current INTEGER",
    ),
)
LABEL = Table(
    "label",
    ("device TEXT", "asset TEXT"),
    ("printed INTEGER", "scanned INTEGER"),
    ("asset",),
)
DOCUMENT = Table(
    "document",
    ("device TEXT", "sha256 TEXT", "kind TEXT"),
    ("name TEXT", "at TEXT"),
    ("sha256",),
)
RESERVATION = Table(
    "reservation",
    ("device TEXT", "reservation TEXT"),
    ("request TEXT", "bench TEXT", "at TEXT", "active INTEGER"),
    ("request",),
)
CONFLICT = Table(
    "to_arbitrate",
    ("subject TEXT", "kind TEXT", "detail TEXT", "other TEXT"),
    ("choices TEXT",),
    ("kind",),
)
LOT = Table(
    "lot",
    ("lot TEXT", "workshop TEXT"),  # a workshop names its own lots, and speaks of no other's
    (
        "donor TEXT",
        "state TEXT",
        "promised INTEGER",
        "collected INTEGER",
        "received INTEGER",
        "weight_g INTEGER",
        "convention TEXT",
        "destination TEXT",
        "promised_day TEXT",
        "collected_day TEXT",
        "received_day TEXT",
        "closed_day TEXT",
    ),
    ("donor", "workshop"),
)
DONOR = Table(
    "donor",
    ("donor TEXT", "workshop TEXT"),  # by whom: each for its own lots, "" a coordination for all
    ("kind TEXT", "convention TEXT", "siren TEXT", "day TEXT"),
)
REQUEST = Table(
    "request",
    ("request TEXT",),
    (
        "kind TEXT",
        "minimum_grade TEXT",
        "ram_mib INTEGER",
        "quantity INTEGER",
        "commune TEXT",
        "deadline TEXT",
        "prescriber TEXT",
        "day TEXT",
        "outcome TEXT",
    ),
)
TRANSFER = Table(
    "transfer",
    ("transfer TEXT", "sender TEXT"),  # who else takes its name sends one of their own
    (
        "receiver TEXT",
        "devices INTEGER",
        "sent_day TEXT",
        "accepted_day TEXT",
        "withdrawn_day TEXT",  # "" but where it was taken back before it came
        "state TEXT",
    ),
)
DAY = Table(
    "day",
    ("subject TEXT",),
    (
        "bench TEXT",
        "day TEXT",
        "closed INTEGER",
        "closed_event TEXT",  # hash of the last closing, whatever came after it
        "reopened_event TEXT",  # hash of the last reopening
        "parts INTEGER",
    ),
    ("day",),
)
# No operator in it, on purpose: hours are added up by step, never by person.
HOURS = Table(
    "hours",
    ("subject TEXT", "step TEXT"),
    ("bench TEXT", "day TEXT", "minutes INTEGER"),
    ("day",),
)
WASTE = Table(
    "waste",
    ("subject TEXT", "kind TEXT"),
    ("bench TEXT", "day TEXT", "weight_g INTEGER"),
    ("day",),
)
BENCH = Table(
    "bench",
    ("bench TEXT",),
    (
        "name TEXT",
        "site TEXT",
        "prefix TEXT",
        "software TEXT",
        "workshop TEXT",
        "role TEXT",
        "revoked_after INTEGER",  # NULL: not revoked
        "cuts TEXT",  # JSON: [number, hash, from, to] of what each revocation keeps, and its time
        "times TEXT",  # JSON: [number, workshop]: from where on it belonged to whom
        "supervisors TEXT",  # JSON: [key, number, hash] of each supervisor's key, and where
    ),
)
REVOCATION = Table(
    "revocation",
    ("bench TEXT", "name TEXT"),
    (
        "workshop TEXT",
        "after_seq INTEGER",
        "after_hash TEXT",
        "reason TEXT",
        "at TEXT",
        "state TEXT",  # stands, taken_back, refused
    ),
)
NUMBERS = Table(
    "number_block",
    ("bench TEXT", "prefix TEXT", "year INTEGER", "start INTEGER"),
    ("size INTEGER",),
    ("prefix, year, start",),
)
# Which file of a pack is the network's word now; two of one version are a clash, and none is.
PACK = Table(
    "pack",
    ("pack TEXT", "workshop TEXT", "event TEXT"),  # each network names its own packs
    (
        "version INTEGER",
        "kind TEXT",
        "title TEXT",
        "form TEXT",
        "file TEXT",
        "size_bytes INTEGER",
        "bench TEXT",
        "day TEXT",
        "state TEXT",  # current, older, clash, withdrawn
        "reason TEXT",  # why it was withdrawn
    ),
    ("state, kind",),
)
PACK_ANSWER = Table(
    "pack_answer",
    ("pack TEXT", "workshop TEXT", "publication TEXT"),  # the last word of its supervisors
    ("answer TEXT", "day TEXT", "bench TEXT", "tick INTEGER"),
)
# What is here of each bench's chain, counting or not: of the log, not of what it says.
CHAIN = Table(
    "chain",
    ("bench TEXT",),
    (
        "whole INTEGER",  # up to this number none is missing
        "last INTEGER",
        "held INTEGER",  # how many numbers there are: less than `last` where some are missing
    ),
)
FORK = Table("fork", ("bench TEXT", "seq INTEGER"), ("hashes TEXT",))
ALIAS = Table("alias", ("device TEXT",), ("root TEXT",), ("root",))

# What one fold writes: the tables of a subject of this kind.
OF_SUBJECT: dict[str, tuple[Table, ...]] = {
    "machine": (MACHINE, DISK, ERASURE, TEST, GRADE, LABEL, DOCUMENT, RESERVATION),
    "lot": (LOT,),
    "donor": (DONOR,),
    "request": (REQUEST,),
    "transfer": (TRANSFER,),
    "day": (DAY, HOURS, WASTE),
    "bench": (BENCH, NUMBERS, REVOCATION),
    "pack": (PACK, PACK_ANSWER),
}
ALL: tuple[Table, ...] = (
    *(table for tables in OF_SUBJECT.values() for table in tables),
    CONFLICT,
    FORK,
    ALIAS,
)
MADE = (*ALL, CHAIN)  # what a rebuild empties and fills
