"""``python -m system``: the service on its own, until it is interrupted."""

from __future__ import annotations

import os
import sys

import uvicorn

from system.api.app import create_app
from system.errors import SettingsError
from system.settings import Settings


def main() -> None:
    """Serve with the environment's settings."""
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        sys.exit(f"system: {error}")
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, access_log=False)


if __name__ == "__main__":
    main()
