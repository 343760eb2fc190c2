"""`python -m diagnostics.served USER`: the probe service, on the socket systemd hands over.

Exit code 2: wrong use, or no socket.
"""

from __future__ import annotations

import sys

from diagnostics.command import System
from diagnostics.served.service import Service
from diagnostics.served.wire import allowed_users, given, serve


def main(words: list[str]) -> int:
    """Answer root and USER until the end."""
    listener = given()
    if listener is None or len(words) != 1:
        print(
            "usage: python -m diagnostics.served USER (started by a systemd socket)",
            file=sys.stderr,
        )
        return 2
    serve(listener, allowed_users(words[0]), Service(System()).answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
