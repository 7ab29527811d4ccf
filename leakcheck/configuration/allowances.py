"""The known leaks of a project: `allow` in its table."""

from leakcheck.configuration.table import FILE_NAME, Configuration
from leakcheck.model.allowance import FORM, Allowance, parse_allowances
from leakcheck.model.errors import UsageError


def allowances_of(configuration: Configuration) -> tuple[Allowance, ...]:
    """Return the known leaks that the configuration allows, in their order.

    Raises:
        UsageError: if an entry is none; it names the file, the key and the entry.

    >>> from pathlib import Path
    >>> allowances_of(Configuration(folder=Path("/project")))
    ()
    """
    origin = f"{configuration.folder / FILE_NAME}: [tool.leakcheck] allow"
    entries = configuration.values.get("allow", [])
    for entry in entries:
        if not isinstance(entry, str):
            msg = f"{origin}: found {entry!r}, wanted texts: {FORM}"
            raise UsageError(msg)
    try:
        return parse_allowances(entries)
    except UsageError as error:
        msg = f"{origin}: {error}"
        raise UsageError(msg) from error
