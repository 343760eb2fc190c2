"""The types a module decodes, learnt while it is imported. Knows nobody; all may import it.

msgspec looks at a type when it first meets it, and two threads that do so at once end the
process (docs/decisions/threads-and-msgspec.md). An import lets one thread in at a time.
"""

from __future__ import annotations

import msgspec


def learn(*types: object) -> None:
    """Let msgspec look at these types now. Called at the top level of the module that has them.

    A decoder made at the top level and used later does the same and needs no `learn`.
    """
    for kind in types:
        msgspec.json.Decoder(kind)
