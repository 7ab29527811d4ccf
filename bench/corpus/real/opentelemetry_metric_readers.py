"""opentelemetry-sdk 1.27.0: a metric reader stays in a class's set after its provider is gone.

The set is there to refuse a reader that is given to two providers, and nothing was ever taken
out of it: provider, meters and instruments stay with each reader. 1.28.0 holds readers weakly.

Reference: open-telemetry/opentelemetry-python#4220.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

import leakcheck


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """A provider of metrics set up, used once and shut down."""

    def count_once() -> None:
        reader = InMemoryMetricReader()  # leaks here
        provider = MeterProvider(metric_readers=[reader], shutdown_on_exit=False)  # leaks here
        provider.get_meter("shop").create_counter("orders").add(1)  # leaks here
        reader.get_metrics_data()
        provider.shutdown()

    yield count_once
