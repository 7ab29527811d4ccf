"""What holds for all benchmarks."""

from typing import Final

collect_ignore_glob: Final = ["history/migrations/*"]  # alembic runs those, with its context
