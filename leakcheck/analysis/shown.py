"""A record as others may read it: files from the project's folder, and no home directory."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import PurePath
from typing import TypeVar, cast

from leakcheck.analysis.lines import line_of, shortened
from leakcheck.analysis.places import shown_file, shown_text
from leakcheck.model.run_record import RunRecord
from leakcheck.model.series import Series
from leakcheck.model.sites import Frame, SiteGrowth

T = TypeVar("T")


def as_shown(value: T, project: PurePath | None) -> T:
    """Return `value`, a record or a part of one, with every file named as a reader finds it.

    Frames lie in the project or name the package that is installed; sentences as `shown_text`
    has them. Numbers stay as they are.

    >>> as_shown(Frame(file="/app/jobs.py", line=3, function="tick"), PurePath("/app")).file
    'jobs.py'
    """
    return cast("T", _shown(value, project))


def _shown(value: object, project: PurePath | None) -> object:
    if isinstance(value, str) and not isinstance(value, Enum):
        return shown_text(value, project)
    if isinstance(value, Frame):
        return _frame(value, project)
    if isinstance(value, tuple):
        return _items(value, project)
    if isinstance(value, Mapping):
        return {key: _shown(one, project) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type | Series):
        members = {one.name: getattr(value, one.name) for one in fields(value)}
        return replace(value, **{name: _shown(one, project) for name, one in members.items()})
    return value


def _items(values: tuple[object, ...], project: PurePath | None) -> tuple[object, ...]:
    """Return the items as they are shown; of numbers there are many, and nothing to do."""
    if values and isinstance(values[0], int | float):
        return values
    return tuple(_shown(one, project) for one in values)


def _frame(frame: Frame, project: PurePath | None) -> Frame:
    short = shortened(frame)
    file = short.file if project is None else shown_file(short.file, project)
    return replace(short, file=shown_text(file, None))


def record_as_shown(record: RunRecord, project: PurePath | None) -> RunRecord:
    """Return `record` as shown, each growing call site under the line to look at first.

    >>> from leakcheck.model.sites import SiteGrowth
    >>> shown_site(SiteGrowth(file="/usr/lib/python3.11/json/decoder.py", line=353,
    ...     function="decode", bytes_per_iteration=8.0, objects_per_iteration=1.0,
    ...     stack=(Frame(file="/usr/lib/python3.11/json/decoder.py", line=353, function="decode"),
    ...         Frame(file="/app/jobs.py", line=4, function="tick")))).line
    4
    """
    judgement = record.judgement
    sites = tuple(shown_site(site) for site in judgement.sites)
    return as_shown(replace(record, judgement=replace(judgement, sites=sites)), project)


def shown_site(site: SiteGrowth) -> SiteGrowth:
    """Return a call site under the line that a reader is to look at first."""
    frame = line_of(site.stack)
    if frame is None:
        return site
    return replace(site, file=frame.file, line=frame.line, function=frame.function)
