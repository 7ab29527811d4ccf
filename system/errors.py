"""What can go wrong in the service. Adapters raise these, and nothing of their libraries'."""

from __future__ import annotations

__all__ = [
    "AlreadySavedError",
    "CacheUnavailableError",
    "EmbeddedServerError",
    "MalformedQuotesError",
    "QuotesUnavailableError",
    "ServiceError",
    "SettingsError",
    "StaleTurnError",
    "StoreUnavailableError",
    "TooManyReportsError",
]


class ServiceError(Exception):
    """The base of every failure the service knows by name."""


class SettingsError(ServiceError):
    """A setting has a value the service cannot start with."""


class QuotesUnavailableError(ServiceError):
    """The source of quotes did not answer, or answered with a failure."""


class MalformedQuotesError(ServiceError):
    """The source of quotes answered with something that is not a set of quotes."""


class CacheUnavailableError(ServiceError):
    """The cache of market indices could not be read or written."""


class StoreUnavailableError(ServiceError):
    """The report store could not be read or written; trying again may help."""


class AlreadySavedError(ServiceError):
    """Another instance has saved the report of that turn."""


class StaleTurnError(ServiceError):
    """A later turn of the job has written already: what an older one writes comes too late."""


class TooManyReportsError(ServiceError):
    """As many reports as may be are being made on request already, or the service is stopping."""


class EmbeddedServerError(ServiceError):
    """A server the service starts for itself did not come up."""
