"""A judgement as plain JSON, and back."""

from leakcheck.model.errors import RecordError
from leakcheck.model.signals import Signal
from leakcheck.model.sites import SiteGrowth
from leakcheck.model.verdict import Diagnosis, Growth, Judgement, Trend, Verdict
from leakcheck.record.fields import Field
from leakcheck.record.measurement_codec import signal_of
from leakcheck.record.stack_codec import decode_stack, encode_stack

Json = dict[str, object]

_JUDGEMENT = (
    "verdict",
    "reason",
    "diagnosis",
    "growth_bytes_per_iteration",
    "smallest_detectable_bytes_per_iteration",
    "iterations",
    "warm_up_iterations",
    "trends",
    "sites",
    "held_by",
    "cannot_see",
    "looks_iterations",
)
_SITE = ("file", "line", "function", "bytes_per_iteration", "objects_per_iteration", "stack")
_TREND = ("unit", "growth_per_iteration", "persisting_per_iteration", "verdict", "why")


def encode_judgement(judgement: Judgement) -> Json:
    """Return `judgement` as plain JSON."""
    growth = judgement.growth
    return {
        "verdict": str(judgement.verdict),
        "reason": judgement.reason,
        "diagnosis": [str(diagnosis) for diagnosis in judgement.diagnosis],
        "growth_bytes_per_iteration": None if growth is None else encode_growth(growth),
        "smallest_detectable_bytes_per_iteration": (
            judgement.smallest_detectable_bytes_per_iteration
        ),
        "iterations": judgement.iterations,
        "warm_up_iterations": judgement.warm_up_iterations,
        "trends": {str(key): _encode_trend(key, one) for key, one in judgement.trends.items()},
        "sites": [_encode_site(site) for site in judgement.sites],
        "held_by": list(judgement.held_by),
        "cannot_see": judgement.cannot_see,
        "looks_iterations": list(judgement.looks),
    }


def decode_judgement(field: Field) -> Judgement:
    """Return the judgement that stands in `field`."""
    members = field.members(*_JUDGEMENT)
    detectable = members["smallest_detectable_bytes_per_iteration"]
    return Judgement(
        verdict=members["verdict"].member_of(Verdict),
        reason=members["reason"].text(),
        diagnosis=tuple(item.member_of(Diagnosis) for item in members["diagnosis"].items()),
        growth=members["growth_bytes_per_iteration"].optional(_decode_growth),
        smallest_detectable_bytes_per_iteration=detectable.optional(Field.number),
        iterations=members["iterations"].count(),
        warm_up_iterations=members["warm_up_iterations"].count(),
        trends=_decode_trends(members["trends"]),
        sites=tuple(_decode_site(item) for item in members["sites"].items()),
        held_by=members["held_by"].texts(),
        cannot_see=members["cannot_see"].text(),
        looks=members["looks_iterations"].integers(),
    )


def encode_growth(growth: Growth) -> Json:
    """Return `growth` as an object of its estimate and its interval.

    >>> encode_growth(Growth(estimate=8.0, low=7.5, high=8.5))
    {'estimate': 8.0, 'low': 7.5, 'high': 8.5, 'confidence': 0.99}
    """
    return {
        "estimate": growth.estimate,
        "low": growth.low,
        "high": growth.high,
        "confidence": growth.confidence,
    }


def _decode_growth(field: Field) -> Growth:
    members = field.members("estimate", "low", "high", "confidence")
    return Growth(
        estimate=members["estimate"].number(),
        low=members["low"].number(),
        high=members["high"].number(),
        confidence=members["confidence"].number(),
    )


def _encode_trend(key: Signal, trend: Trend) -> Json:
    if trend.signal is not key:
        msg = f"record.judgement.trends.{key}: found the trend of {trend.signal}, wanted {key}"
        raise RecordError(msg)
    return {
        "unit": key.unit,
        "growth_per_iteration": encode_growth(trend.growth),
        "persisting_per_iteration": trend.persisting,
        "verdict": str(trend.verdict),
        "why": trend.why,
    }


def _decode_trends(field: Field) -> dict[Signal, Trend]:
    named = ((signal_of(name, one), one) for name, one in field.members().items())
    return {signal: _decode_trend(signal, one) for signal, one in named}


def _decode_trend(signal: Signal, field: Field) -> Trend:
    members = field.members(*_TREND)
    if members["unit"].text() != signal.unit:
        members["unit"].refuse(signal.unit)
    return Trend(
        signal=signal,
        growth=_decode_growth(members["growth_per_iteration"]),
        persisting=members["persisting_per_iteration"].optional(Field.number),
        verdict=members["verdict"].member_of(Verdict),
        why=members["why"].text(),
    )


def _encode_site(site: SiteGrowth) -> Json:
    return {
        "file": site.file,
        "line": site.line,
        "function": site.function,
        "bytes_per_iteration": site.bytes_per_iteration,
        "objects_per_iteration": site.objects_per_iteration,
        "stack": encode_stack(site.stack),
    }


def _decode_site(field: Field) -> SiteGrowth:
    members = field.members(*_SITE)
    return SiteGrowth(
        file=members["file"].text(),
        line=members["line"].integer(),
        function=members["function"].text(),
        bytes_per_iteration=members["bytes_per_iteration"].number(),
        objects_per_iteration=members["objects_per_iteration"].number(),
        stack=decode_stack(members["stack"]),
    )
