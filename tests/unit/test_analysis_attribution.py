"""Which call sites grow."""

import pytest

from leakcheck.analysis.attribution import growing_sites, grows_steadily
from leakcheck.analysis.evidence import chunk_bytes, leaking_sites
from leakcheck.model.sites import Frame, SiteSeries, SiteTable
from tests.unit.traces import filling, ramp, site, site_table, still


def test_only_sites_that_grow_are_named_and_the_largest_first() -> None:
    table = site_table(
        4000,
        site(1, ramp(1), 64, 4000),
        site(2, still, 64, 4000),
        site(3, ramp(1), 640, 4000),
        site(4, filling(1, 3200), 64, 4000),
    )
    assert [one.line for one in growing_sites(table)] == [3, 1]


def test_a_site_has_its_exact_rates() -> None:
    (found,) = growing_sites(site_table(4000, site(1, ramp(0.25), 64, 4000)))
    assert found.bytes_per_iteration == pytest.approx(16)
    assert found.objects_per_iteration == pytest.approx(0.25)
    assert (found.file, found.function) == ("jobs.py", "tick")


def test_sites_of_one_stack_count_together() -> None:
    table = site_table(4000, site(1, ramp(1), 64, 4000), site(1, ramp(1), 36, 4000))
    (found,) = growing_sites(table)
    assert found.bytes_per_iteration == pytest.approx(100)


def test_a_site_without_a_python_frame_says_so() -> None:
    grown = site(1, ramp(1), 64, 4000)
    bare = SiteSeries(
        stack=(),
        allocator="malloc",
        live_bytes=grown.live_bytes,
        live_objects=grown.live_objects,
    )
    (found,) = growing_sites(site_table(4000, bare))
    assert (found.file, found.line, found.function) == ("", 0, "<no Python frame>")
    assert found.stack == ()


def test_growth_that_is_negligible_beside_the_rest_is_left_out() -> None:
    table = site_table(4000, site(1, ramp(1), 1000, 4000), site(2, ramp(1), 1, 4000))
    assert [one.line for one in growing_sites(table)] == [1]


def test_a_cache_that_has_filled_does_not_grow() -> None:
    assert not grows_steadily(range(100), [min(n, 80) for n in range(100)])


def test_a_table_of_a_few_marks_or_of_none_names_nothing() -> None:
    assert growing_sites(site_table(4, site(1, ramp(1), 64, 4, marks=4), marks=4)) == ()
    empty = SiteSeries(stack=(), allocator="", live_bytes=(), live_objects=())
    assert growing_sites(SiteTable(marks=(), sites=(empty,), remainder=empty)) == ()


def test_the_sites_that_grow_are_the_evidence_the_largest_first() -> None:
    table = site_table(4000, site(1, ramp(1), 64, 4000), site(3, ramp(1), 640, 4000))
    found = leaking_sites(table, 4.0)
    assert found is not None
    assert found.sites[0].stack == (Frame(file="jobs.py", line=3, function="tick"),)
    assert found.rate.low <= chunk_bytes(64) + chunk_bytes(640) <= found.rate.high


def test_a_short_run_has_no_evidence_by_sites() -> None:
    assert leaking_sites(site_table(1900, site(1, ramp(1), 64, 1900)), 4.0) is None


def test_marks_as_far_apart_as_no_run_has_them_are_told_all_the_same() -> None:
    wide = SiteTable(
        marks=(-1.7976931348623157e308, 9.9792015476736e291),
        sites=(SiteSeries(stack=(), allocator="malloc", live_bytes=(0, 9), live_objects=(0, 1)),),
        remainder=SiteSeries(stack=(), allocator="malloc", live_bytes=(0, 0), live_objects=(0, 0)),
    )

    assert growing_sites(wide) == ()
