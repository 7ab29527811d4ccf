"""Workloads whose pages are looked at: one that keeps rows, and one whose names are markup."""

FILE = "script><img src=x onerror=alert(1)>.py"
FOLDER = "<"  # with the file in it the path has all of </script> in it
NAME = "</script><img src=x onerror=alert(2)>"

KEPT = """
ROWS, LATEST = [], [None]

def keep():
    ROWS.append(bytearray(1_000))

def replace():
    LATEST[0] = bytearray(5_000)

def tick():
    keep()
    replace()
"""

HOSTILE = f"""
NAME = {NAME!r}
ROWS = []

made = {{}}
exec(compile("def keep(rows): rows.append(bytearray(1_000))", NAME, "exec"), made)
both = {{"co_name": NAME, "co_qualname": NAME}}
keep = made["keep"]
keep.__code__ = keep.__code__.replace(**both)

def tick():  # </script><img src=x onerror=alert(3)>
    keep(ROWS)  # </script><img src=x onerror=alert(4)>
"""
