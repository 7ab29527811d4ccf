"""A stand-in for a run: a few calls in the very place, instead of thousands that are measured."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from leakcheck.check import Checked, Settings
from leakcheck.model.errors import TargetError
from leakcheck.model.verdict import Verdict
from leakcheck.record.store import RecordStore
from tests.unit.bisecting import record

_CALLS = """
import importlib, json, os, sys
folder, place, name = os.getcwd(), *sys.argv[1].rsplit(":", 1)
sys.path[:] = [folder, *(entry for entry in sys.path if entry)]
if place.endswith(".py"):
    if not os.path.isfile(place):
        sys.exit(f"{place}: found no such file")
    sys.path.insert(0, os.path.dirname(os.path.abspath(place)))
    place = os.path.basename(place).removesuffix(".py")
try:
    module = importlib.import_module(place)
except ModuleNotFoundError as error:
    sys.exit(f"found no module {error.name!r}: {error}")
for _ in range(3):
    getattr(module, name)()
kept = getattr(module, "KEPT", None) or getattr(sys.modules.get("shop"), "KEPT", ())
print(json.dumps(len(kept)))
"""


def called(
    targets: Sequence[str],
    settings: Settings,
    *,
    observe: Callable[[Any], None],
    interrupted: object,
) -> list[Checked]:
    """Return what `leakcheck.check.check` would: LEAK where a list of what is called has grown."""
    del observe, interrupted
    (target,) = targets
    ran = subprocess.run(
        [settings.python, "-c", _CALLS, target],
        cwd=settings.folder,
        env=dict(settings.variables),
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        raise TargetError(ran.stderr.strip().rpartition("\n")[2])
    found = record(Verdict.LEAK if json.loads(ran.stdout) else Verdict.CLEAN)
    store = RecordStore(settings.out)
    store.prepare()
    fresh = store.new_id(datetime.now(UTC), target)
    found = replace(found, id=fresh, plan=replace(found.plan, target=target))
    return [Checked(record=found, folder=store.save(found).parent)]
