"""Which sentences a worker reads between Bonjour and Fini: what every language chosen has whole.

Supervisors' pages, papers and commands are French and English alone: there a sentence that a
language lacks is said in French. tests/unit/architecture/test_languages.py holds each language,
and what the pages' modules say, against this list.
"""

from __future__ import annotations

# Areas and tables: all that is below them.
WORKERS = (
    "checks",
    "comfort",
    "network",
    "returning",
    "screens",
    "system",
    *("start.area", "start.clock", "start.keyboard"),
    "training",
    "workbench",
    *(f"people.{table}" for table in ("no_badge", "type", "names", "new", "name", "allow")),
    *("people.unknown", "people.unknown_typed"),
    *("label.status", "label.queue", "label.error"),
    *("wipe.reason", "wipe.step", "wipe.phase", "wipe.unattested", "wipe.technique"),
    *(f"grading.{table}" for table in ("cosmetic", "part", "cosmetic_code", "rule", "remedy")),
    *("grading.lock", "grading.test", "grading.raise"),
    *("selftest.state", "selftest.rest"),
    *("erase.health_same", "erase.health_worse", "erase.health_unread"),
    *("probe.terabytes", "probe.gigabytes", "probe.megabytes", "probe.warning"),
    *("demo.imagine", "demo.works", "demo.disk"),
    # What goes wrong under a worker's hands.
    *(
        f"errors.{code}"
        for code in (
            *("badge_taken", "badge_unusable", "bug", "comfort_unreadable", "data_folder"),
            *("data_full", "data_read_only", "disk_in_use", "file_unwritable"),
            *("job_died", "job_locked"),
            *("job_not_started", "job_unknown", "job_unreadable", "jobs_open", "name_taken"),
            *("name_unusable", "not_rechecked", "numbers_used_up", "os", "records"),
            *("settings_unreadable", "tool_missing", "unworded", "wipe_question", "wipe_service"),
        )
    ),
    *(
        f"records.errors.{code}"
        for code in ("pin_locked", "pin_wrong", "store_busy", "store_failed", "store_full",
                     "store_in_use", "store_io", "store_readonly")
    ),
)  # fmt: skip
# Below them, and a supervisor's all the same.
NOT_WORKERS = (
    *(f"screens.help.{topic}" for topic in ("day", "find", "joining", "sending", "stock", "sums")),
    # Of sheets and of the command line.
    *("comfort.command", "training.command"),
    *(
        f"label.error.{code}"
        for code in ("unknown_dpi", "unknown_language", "unknown_size", "unknown_target",
                     "bytes_unreadable", "sheet_empty")
    ),
)  # fmt: skip


def is_workers(key: str) -> bool:
    """Whether a worker may read that sentence."""
    return _below(key, WORKERS) and not _below(key, NOT_WORKERS)


def _below(key: str, tables: tuple[str, ...]) -> bool:
    return any(key == table or key.startswith(f"{table}.") for table in tables)
