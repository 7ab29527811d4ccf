"""The errors that leakcheck raises on purpose: each says what was found and what was wanted."""


class LeakcheckError(Exception):
    """Anything that leakcheck tells a person in one line instead of a traceback."""


class UsageError(LeakcheckError):
    """The command line or the configuration is wrong, and nothing was run."""


class TargetError(UsageError):
    """A target does not exist, does not import, is not callable or needs arguments."""


class WorkloadError(LeakcheckError):
    """A workload could not be measured: it raised, crashed, hung or was killed."""


class DeclinedError(LeakcheckError):
    """A test that asked not to be run: `word` is ``skipped`` or ``xfailed``."""

    def __init__(self, target: str, *, word: str, reason: str) -> None:
        super().__init__(f"{target}: {word}, and so not measured: {reason}")
        self.word = word
        self.reason = reason


class RecordError(LeakcheckError):
    """A run record is truncated, foreign, or newer than this leakcheck."""


class AnalysisError(LeakcheckError):
    """Numbers that cannot be analysed, such as a series that is too short."""
