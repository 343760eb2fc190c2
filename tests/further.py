"""Further servers of PostgreSQL's for the tests, made as docs/hub.md tells an administrator to."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg

from tests import postgres

NAMES = ("lille", "arras")
PASSWORD = "un mot de passe que rien ne dit"
_DOCS = Path(__file__).parent.parent / "docs" / "hub.md"


class Network:
    """The main server, and by name the further ones."""

    def __init__(self, main: postgres.Server, further: dict[str, postgres.Server]) -> None:
        self.main, self.further = main, further

    def database(self) -> str:
        """An empty record, the further servers empty too; its role is nobody's administrator."""
        for server in self.further.values():
            if not server.pid():  # a test that failed left it so
                server.start()
            with psycopg.connect(server.url("etabli"), autocommit=True) as connection:
                connection.execute("TRUNCATE etabli.body, etabli.file")
        return self.main.database().replace(f"{self.main.user}@", "etabli@")

    def rows(self, name: str, table: str = "body") -> int:
        """How many a further server has."""
        with psycopg.connect(self.further[name].url("etabli")) as connection:
            found = connection.execute(f"SELECT count(*) FROM etabli.{table}".encode()).fetchone()
        return int(found[0]) if found else 0

    def kill(self, name: str) -> None:
        """Every process of a further server at once, by SIGKILL."""
        first = psutil.Process(self.further[name].pid())
        for process in (first, *first.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.further[name].stop(signal.SIGKILL)

    def change(self, name: str, sql: str) -> None:
        """As who has the password of a further server."""
        with psycopg.connect(self.further[name].url("etabli"), autocommit=True) as connection:
            connection.execute(sql.encode())


def _told() -> tuple[str, str]:
    """What docs/hub.md lets one type on a further server, and on the main one."""
    there, here = re.findall(r"```sql\n(.*?)```", _DOCS.read_text(encoding="utf-8"), re.S)
    return there, here


def _role(server: postgres.Server) -> None:
    server.database()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE etabli LOGIN PASSWORD '{PASSWORD}'".encode())
        connection.execute("ALTER DATABASE etabli OWNER TO etabli")


def _ask_for_passwords(server: postgres.Server) -> None:
    rules = server.data / "pg_hba.conf"
    before = rules.read_text(encoding="utf-8")
    rules.write_text(f"local all etabli scram-sha-256\n{before}", encoding="utf-8")
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def running() -> Iterator[Network]:
    """Three servers. Skips where this machine has no PostgreSQL."""
    there, here = _told()
    with contextlib.ExitStack() as stack:
        main = stack.enter_context(postgres.running())
        further = {name: stack.enter_context(postgres.running()) for name in NAMES}
        _role(main)
        for name, server in further.items():
            _role(server)
            with psycopg.connect(server.url("etabli"), autocommit=True) as connection:
                connection.execute("SET ROLE etabli")
                connection.execute(there.encode())
            _ask_for_passwords(server)
            told = here.replace("lille.example", str(server.folder)).replace("lille", name)
            told = told.replace("sslmode 'verify-full', ", "").replace("MOT DE PASSE", PASSWORD)
            with psycopg.connect(main.url("etabli"), autocommit=True) as connection:
                connection.execute(told.encode())
        yield Network(main, further)
