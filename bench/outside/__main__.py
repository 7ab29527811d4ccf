"""`python -m bench.outside [TIMES]`: asks of each program, so many times, and counts."""

import sys
import tempfile
from pathlib import Path

from bench.outside.asking import asked

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for line in asked(int(sys.argv[1]) if sys.argv[1:] else 1, Path(folder)):
            print(line, flush=True)
