"""`python -m bench.demo.network DIR`: a planted folder to look at, for who works on the hub."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.demo.network.plant import plant

if __name__ == "__main__":
    plant(Path(sys.argv[1]))
