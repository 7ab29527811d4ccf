"""An explanation as JSON for scripts: what the terminal says, with the numbers as numbers."""

from dataclasses import asdict
from pathlib import PurePath

from leakcheck.analysis.lines import shortened
from leakcheck.analysis.places import shown_file
from leakcheck.model.explanation import Cause, Explanation, NativePath
from leakcheck.model.sites import Frame
from leakcheck.record.judgement_codec import encode_growth
from leakcheck.record.native_codec import encode_native_frame

Json = dict[str, object]


def explanation_document(explanation: Explanation, project: PurePath) -> Json | None:
    """Return an explanation as plain JSON, None for an empty one.

    >>> explanation_document(Explanation(), PurePath("/project")) is None
    True
    """
    if explanation == Explanation():
        return None
    return {
        "causes": [_cause(cause, project) for cause in explanation.causes],
        "explained_share": explanation.share,
        "spread_bytes_per_iteration": explanation.spread_bytes,
        "unattributed_bytes_per_iteration": explanation.unattributed_bytes,
        "no_line": explanation.no_line or None,
        "no_native": explanation.no_native or None,
        "growing": list(explanation.growing),
        "outlook": None if explanation.outlook is None else asdict(explanation.outlook),
        "next_steps": list(explanation.next_steps),
        "repeat": explanation.repeat or None,
    }


def shown_frame(frame: Frame, project: PurePath) -> str:
    """Return `frame` in one line, such as ``jobs.py:12 tick``."""
    return f"{shown_file(frame.file, project)}:{frame.line} {frame.function}"


def _cause(cause: Cause, project: PurePath) -> Json:
    created = cause.origin.created_at if cause.origin else ()
    return {
        "file": shown_file(cause.line.file, project),
        "line": cause.line.line,
        "function": cause.line.function,
        "bytes_per_iteration": encode_growth(cause.growth),
        "objects_per_iteration": encode_growth(cause.objects),
        "sites": cause.sites,
        "lines": cause.lines,
        "descriptors_per_iteration": cause.descriptors_per_iteration,
        "descriptors": cause.descriptors or None,
        "allocated_at": [shown_frame(shortened(frame), project) for frame in cause.inner],
        "called_from": [shown_frame(frame, project) for frame in cause.callers],
        "task": cause.task or None,
        "task_created_at": [shown_frame(shortened(frame), project) for frame in created],
        "native": [_native_path(path) for path in cause.native],
    }


def _native_path(path: NativePath) -> Json:
    return {
        "frames": [encode_native_frame(frame) for frame in path.frames],
        "hidden_frames": path.hidden,
        "allocator": path.allocator,
        "bytes_per_iteration": path.bytes_per_iteration,
    }
