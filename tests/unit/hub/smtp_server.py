"""A real mail server (aiosmtpd) in a process of its own, run by the Python that has it: Debian's.

Each mail it takes becomes a file. Who is written to decides what it says: `soft@` is refused for
now, `hard@` for good, `slow@` after a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

USER, PASSWORD = "etabli", "mot de passe du serveur"
_PYTHONS = (sys.executable, "/usr/bin/python3")


class MailServer(NamedTuple):
    """Listening on the loopback; `folder`: what it took."""

    port: int
    folder: Path

    def took(self) -> list[EmailMessage]:
        found = []
        for path in sorted(self.folder.glob("*.json")):
            told = json.loads(path.read_text("utf-8"))
            made = message_from_bytes(told["content"].encode(), policy=policy.default)
            assert isinstance(made, EmailMessage)
            assert told["to"] == [made["To"]], "it went to whom it names"
            found.append(made)
        return found


@contextlib.contextmanager
def running(
    folder: Path, *, security: str = "none", certificate: Path | None = None, auth: bool = False
) -> Iterator[MailServer]:
    """A server until the block ends; `security`: as `etabli hub mail set` names it."""
    import pytest

    python = next((each for each in _PYTHONS if _has_it(each)), None)
    if python is None:
        pytest.skip("Debian's python3-aiosmtpd is not here")
    folder.mkdir(exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    words = [python, __file__, str(folder), str(port), security, str(certificate or ""), str(auth)]
    process = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": ""})
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.05)
        yield MailServer(port, folder)
    finally:
        process.kill()
        process.wait(30)


def _has_it(python: str) -> bool:
    done = subprocess.run([python, "-c", "import aiosmtpd"], capture_output=True, check=False)
    return done.returncode == 0


class _Keeper:
    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith("soft@"):
            return "450 4.2.1 come again\x1b[31m"
        if address.startswith("hard@"):
            return "550 5.1.1 nobody of that name"
        if address.startswith("slow@"):
            await asyncio.sleep(0.5)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        told = {"to": envelope.rcpt_tos, "content": envelope.content.decode("ascii")}
        told |= {"tls": session.ssl is not None, "user": str(session.auth_data or "")}
        self._count += 1
        draft = self._folder / "draft"
        draft.write_text(json.dumps(told), "utf-8")
        draft.rename(self._folder / f"{self._count:04}.json")
        return "250 taken"


async def _serve(folder: Path, port: int, security: str, certificate: str, auth: bool) -> None:
    from aiosmtpd.smtp import SMTP, AuthResult

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        right = getattr(data, "login", b"") == USER.encode()
        right = right and getattr(data, "password", b"") == PASSWORD.encode()
        return AuthResult(success=right, handled=right, auth_data=USER)

    context = None
    if security != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    told: dict[str, Any] = {"hostname": "mail.example"}
    if security == "starttls":
        told |= {"tls_context": context, "require_starttls": True}
    if auth:
        told |= {"authenticator": authenticate, "auth_required": True}
        told |= {"auth_require_tls": security == "starttls"}
    keeper = _Keeper(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, **told), "127.0.0.1", port, ssl=context if security == "tls" else None
    )
    await server.serve_forever()


if __name__ == "__main__":
    place, number, kind, file, wants = sys.argv[1:]
    asyncio.run(_serve(Path(place), int(number), kind, file, wants == "True"))
