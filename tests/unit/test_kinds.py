"""What a class is called, however odd it is."""

import gc
import subprocess
import sys

from leakcheck.probes.kinds import member_of, name_of

CLEARED = """
import gc
from leakcheck.probes.kinds import member_of, name_of

class Own(type):
    def __new__(cls, *given):
        made = super().__new__(cls, *given)
        made.__class__ = made
        return made

def make():
    class Odd(Own, metaclass=Own):
        pass
    return id(Odd)

make()
gc.collect()
(odd,) = [one for one in gc.get_objects() if isinstance(one, type) and type(one) is one
          and one is not type]
print(name_of(odd), member_of(odd, "made"))
"""


def test_a_class_that_the_collector_has_emptied_has_a_name_still() -> None:
    """It is its own type, so its last reference never goes; a process of its own dies with it."""
    ran = subprocess.run(
        [sys.executable, "-c", CLEARED], check=True, capture_output=True, text=True
    )

    assert ran.stdout.strip() in {"?.Odd None", "?.make.<locals>.Odd None"}


def test_the_names_of_usual_classes_are_whole() -> None:
    assert name_of(gc.__class__) == "module"
    assert member_of(dict, "get") is vars(dict)["get"]
