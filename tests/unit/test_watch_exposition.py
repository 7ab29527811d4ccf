"""What Prometheus reads: names, types and values, by its own parsers."""

import math
import subprocess
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from leakcheck.model.verdict import Verdict
from leakcheck.watch.course import Course
from leakcheck.watch.document import document_of, document_text
from leakcheck.watch.exposition import metrics_text
from leakcheck.watch.growth import Growth
from leakcheck.watch.reading import Watched
from leakcheck.watch.saying import status_line, verdict_line
from leakcheck.watch.standing import Standing, forecast_of
from leakcheck.watch.terms import Terms
from tests.system.servers import binary
from tests.unit.watching import MIB, hourly, stand

GROWTH = Growth(estimate=4.0 * MIB, low=3.0 * MIB, high=5.0 * MIB)


@pytest.fixture
def leaking() -> Standing:
    standing = stand(Course(Terms(limit_bytes=512 * MIB)), hourly(lambda _: 100 * MIB, days=1))
    return replace(
        standing,
        verdict=Verdict.LEAK,
        why="keeps growing",
        growth=GROWTH,
        forecast=forecast_of(GROWTH, room_bytes=60 * MIB),
    )


def samples(text: str) -> dict[str, float]:
    families = text_string_to_metric_families(text)
    return {
        "".join([one.name.removeprefix("leakcheck_watch_"), *one.labels.values()]): one.value
        for family in families
        for one in family.samples
    }


def test_a_leak_is_exposed_with_its_interval_and_the_time_to_the_limit(leaking: Standing) -> None:
    found = samples(metrics_text(leaking, is_up=True))

    assert found["rss_bytes"] == 100 * MIB
    assert found["limit_bytes"] == 512 * MIB
    growth = [found[f"growth_bytes_per_hour{end}"] for end in ("_low", "", "_high")]
    assert growth == [3 * MIB, 4 * MIB, 5 * MIB]
    seconds = [found[f"seconds_to_limit{end}"] for end in ("_low", "", "_high")]
    assert seconds == [12 * 3600, 15 * 3600, 20 * 3600]
    assert (found["verdictLEAK"], found["verdictCLEAN"], found["verdictINCONCLUSIVE"]) == (1, 0, 0)
    assert (found["up"], found["lives_total"]) == (1, 1)


def test_what_never_comes_is_infinite_for_prometheus_and_null_in_json(leaking: Standing) -> None:
    flat = Growth(estimate=0.0, low=-1.0, high=1.0)
    standing = replace(leaking, growth=flat, forecast=forecast_of(flat, room_bytes=8.0))

    assert samples(metrics_text(standing, is_up=True))["seconds_to_limit_high"] == math.inf
    assert document_of(standing, name="x")["seconds_to_limit"]["high"] is None
    assert "NaN" not in document_text(standing, name="x")


def test_a_growth_of_descriptors_is_not_exposed_as_bytes(leaking: Standing) -> None:
    found = samples(metrics_text(replace(leaking, what=Watched.DESCRIPTORS), is_up=True))

    assert not [name for name in found if "growth" in name or "seconds_to_limit" in name]


def test_promtool_finds_nothing_to_complain_of(leaking: Standing) -> None:
    promtool = binary("promtool")
    text = metrics_text(leaking, is_up=True)
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sentences_say_rate_interval_and_when(leaking: Standing) -> None:
    said = verdict_line(leaking)

    assert said.startswith("LEAK          memory keeps growing: 4.00 MiB an hour (3.00 MiB to ")
    assert "reaches 512MiB in 12 h to 20 h" in status_line(leaking)
    assert "so far LEAK" in status_line(leaking)
    assert "reaches" not in status_line(replace(leaking, verdict=Verdict.CLEAN))
