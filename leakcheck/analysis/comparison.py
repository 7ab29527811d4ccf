"""Two records beside each other: what grows faster, what slower, and a word on the whole."""

from collections.abc import Iterator, Sequence

from leakcheck.analysis.fixed import leaking_signals
from leakcheck.analysis.intervals import growth_between, move_between, move_of
from leakcheck.analysis.line_moves import line_moves
from leakcheck.analysis.reasons import amount, name_of
from leakcheck.analysis.surroundings import surroundings
from leakcheck.model.comparison import Difference, LineMove, Move, Reading, Word
from leakcheck.model.plan import Thresholds
from leakcheck.model.route import name_within
from leakcheck.model.run_record import RunRecord
from leakcheck.model.signals import BYTE_SIGNALS, COUNT_SIGNALS, Signal
from leakcheck.model.verdict import Growth, Judgement, Verdict


def difference(before: RunRecord, after: RunRecord, *, renamed: bool = False) -> Difference:
    """Return how `after` differs from `before`; `renamed` says that two names are one workload.

    Heap in use decides, and descriptors, threads, tasks and child processes; resident memory
    where a verdict rests on it. Growth moved where the interval of its change leaves zero out:
    from the lower end of the one to the upper end of the other, so that it holds at 98 % or
    more whatever the two have to do with each other (Bonferroni). It is the same where that
    interval lies within the threshold on both sides (an equivalence test: Schuirmann 1987) or,
    with zero inside, within a twentieth of the rate, or where neither grows. A signal that leaks
    in one and is CLEAN in the other is new or gone; of one that may still fill something no rate
    is settled, and nothing is said.

    >>> from leakcheck.analysis.intervals import change_of
    >>> change_of(Growth(estimate=9, low=8, high=10), Growth(estimate=2, low=1, high=3))
    (-9, -5)
    """
    if reason := _not_comparable(before, after, renamed=renamed):
        return Difference(word=Word.NOT_COMPARABLE, sentence=f"{Word.NOT_COMPARABLE}: {reason}")
    readings = tuple(_readings(before, after))
    lines = line_moves(before, after)
    word = _word(readings, lines or ())
    told = _told(word, readings, lines or (), (before.judgement, after.judgement))
    return Difference(
        word=word,
        sentence=f"{word}: {told}",
        readings=readings,
        lines=lines,
        remarks=tuple(surroundings(before, after)),
    )


def _not_comparable(before: RunRecord, after: RunRecord, *, renamed: bool) -> str:
    for which, record in (("the first", before), ("the second", after)):
        if record.judgement.verdict is Verdict.ERROR:
            return f"{which} was not measured: {record.judgement.reason}"
    if _decisive(before) is not _decisive(after):
        return "one is of a workload, the other of a program that was seen from outside"
    names = [_name(record) for record in (before, after)]
    if names[0] != names[1] and not renamed:
        found = f"{before.plan.target} and {after.plan.target}"
        return f"found {found}, wanted one workload (--renamed, if they are one)"
    return ""


def _name(record: RunRecord) -> str:
    target = record.plan.target
    return target if record.plan.program else name_within(target)


def _decisive(record: RunRecord) -> Signal:
    """Return the signal without which nothing can be said."""
    return Signal.HEAP if record.measurement.from_outside is None else Signal.RSS


def _readings(before: RunRecord, after: RunRecord) -> Iterator[Reading]:
    decisive = _decisive(before)
    old, new = before.judgement, after.judgement
    for signal in Signal:
        growths = _growth(old, signal), _growth(new, signal)
        if growths == (None, None) and signal is not decisive:
            continue
        margin = min(_threshold(one.plan.thresholds, signal) for one in (before, after))
        low, high = growth_between(*growths)
        yield Reading(
            signal=signal,
            before=growths[0],
            after=growths[1],
            move=_move(signal, (old, new), move_between(*growths, margin=margin)),
            low=low,
            high=high,
            decides=signal is decisive or _decides(signal, old, new),
        )


def _move(signal: Signal, judgements: tuple[Judgement, Judgement], by_interval: Move) -> Move:
    before, after = (_verdict(one, signal) for one in judgements)
    if moved := move_of(before, after):
        return moved
    is_open = Verdict.INCONCLUSIVE in (before, after) and by_interval is not Move.SAME
    return Move.UNCLEAR if is_open else by_interval


def _verdict(judgement: Judgement, signal: Signal) -> Verdict:
    """Return what is said of one signal in the end: what may still fill something is no LEAK."""
    if judgement.verdict is Verdict.CLEAN:
        return Verdict.CLEAN
    if signal in leaking_signals(judgement):
        return Verdict.LEAK
    trend = judgement.trends.get(signal)
    if trend is None or (
        trend.verdict is Verdict.LEAK and judgement.verdict is Verdict.INCONCLUSIVE
    ):
        return Verdict.INCONCLUSIVE
    return trend.verdict


def _growth(judgement: Judgement, signal: Signal) -> Growth | None:
    """Return how a signal grows: as the verdict has it, where it rests on that signal."""
    trend = judgement.trends.get(signal)
    if signal in BYTE_SIGNALS and leaking_signals(judgement)[:1] == (signal,):
        return judgement.growth
    return trend.growth if trend else None


def _threshold(thresholds: Thresholds, signal: Signal) -> float:
    if signal in BYTE_SIGNALS:
        return thresholds.bytes_per_iteration
    return thresholds.counts_per_iteration


def _decides(signal: Signal, *judgements: Judgement) -> bool:
    if signal is not Signal.RSS:
        return signal is Signal.HEAP or signal in COUNT_SIGNALS
    return any(_rests_on_rss(judgement) for judgement in judgements)


def _rests_on_rss(judgement: Judgement) -> bool:
    trend = judgement.trends.get(Signal.RSS)
    is_open = judgement.verdict is Verdict.INCONCLUSIVE and (
        trend is not None and trend.verdict is Verdict.INCONCLUSIVE
    )
    return is_open or Signal.RSS in leaking_signals(judgement)


def _word(readings: Sequence[Reading], lines: Sequence[LineMove]) -> Word:
    moves = [one.move for one in readings if one.decides]
    is_better, is_worse = (
        any(move.is_better for move in moves),
        any(move.is_worse for move in moves),
    )
    if is_better and is_worse:
        return Word.MIXED
    if is_better or is_worse:
        return Word.BETTER if is_better else Word.WORSE
    if Move.UNCLEAR in moves:
        return Word.NOT_SURE
    return Word.MIXED if _is_replaced(lines) else Word.SAME


def _is_replaced(lines: Sequence[LineMove]) -> bool:
    """Return whether one leak went and another came, by as much: the totals do not show it."""
    moves = {one.move for one in lines}
    return Move.NEW in moves and Move.GONE in moves


def _told(
    word: Word,
    readings: Sequence[Reading],
    lines: Sequence[LineMove],
    judgements: tuple[Judgement, Judgement],
) -> str:
    moved = [one for one in readings if one.decides and (one.move.is_better or one.move.is_worse)]
    open_ = [one for one in readings if one.decides and one.move is Move.UNCLEAR]
    still = "; still LEAK" if judgements[1].verdict is Verdict.LEAK else ""
    if word is Word.SAME:
        bytes_ = {one.signal: one for one in readings if one.signal in BYTE_SIGNALS}
        decisive = bytes_.get(Signal.HEAP) or bytes_[Signal.RSS]
        return f"{_rates(decisive)}{still}"
    if word is Word.NOT_SURE:
        more = f", and {len(open_) - 1} more" if len(open_) > 1 else ""
        return f"{_rates(open_[0])}{more}: {_why_open(judgements)}"
    if not moved:
        come = [one.line.function for one in lines if one.move is Move.NEW]
        return f"as much grows, at another line ({', '.join(come)})"
    said = "; ".join(map(_rates, moved))
    return f"{said}{still}" if word is Word.BETTER else said


def _why_open(judgements: tuple[Judgement, Judgement]) -> str:
    """Return why nothing can be said: a verdict that is open, the newer one's first, or chance."""
    reasons = (one.reason for one in reversed(judgements) if one.verdict is Verdict.INCONCLUSIVE)
    return next(reasons, "that may be chance")


def _rates(one: Reading) -> str:
    """Return how the growth of a signal moved, in words.

    >>> _rates(Reading(signal=Signal.TASKS, before=None, move=Move.UNCLEAR,
    ...     after=Growth(estimate=1.0, low=0.9, high=1.1)))
    'the number of tasks: not measured -> 1 an iteration (0.9 .. 1.1)'
    """
    old = "not measured" if one.before is None else amount(one.signal, one.before.estimate)
    new = "not measured" if one.after is None else _rate(one.signal, one.after)
    return f"{name_of(one.signal)}: {old} -> {new}"


def _rate(signal: Signal, growth: Growth) -> str:
    low, high = amount(signal, growth.low), amount(signal, growth.high)
    return f"{amount(signal, growth.estimate)} an iteration ({low} .. {high})"
