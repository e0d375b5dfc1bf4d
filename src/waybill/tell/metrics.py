"""The metrics, for Prometheus: drawn from the tables at each scrape.

Counters come from the log, which only grows, so any process of any host gives the same numbers.
Needs prometheus-client (`django-waybill[metrics]`).
"""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from waybill.jobs import overview, presence, totals
from waybill.jobs.totals import BUCKETS, Totals
from waybill.states import Event, NoticeOutcome

__all__ = ["CONTENT_TYPE", "exposed"]

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def exposed() -> bytes:
    """Write all metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Tables())
    return generate_latest(registry)


class _Tables(Collector):
    """Reads the tables when it is asked."""

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        yield from _states()
        yield from _happened(totals.totals())

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: to be registered it need not read the tables."""
        yield from ()


def _states() -> Iterator[Metric]:
    yield _labelled(
        GaugeMetricFamily("waybill_exports", "Exports there are.", labels=["status", "format"]),
        {(status, kind): count for status, kind, count in overview.standing()},
    )
    queue, stored = overview.queue(), overview.disk()
    running, workers = overview.running(), presence.seen()
    busy = {job.worker for job in running} & {worker.name for worker in workers}
    single = (
        ("waybill_queue_length", "Exports that wait for a worker.", queue.length),
        ("waybill_queue_oldest_seconds", "How long the oldest of them waits.", queue.oldest),
        ("waybill_workers", "Workers that said of late that they are there.", len(workers)),
        ("waybill_workers_busy", "Workers of these that run an export.", len(busy)),
        ("waybill_stored_files", "Files that are kept.", stored.files),
        ("waybill_stored_bytes", "Bytes of these files.", stored.bytes),
    )
    for name, said, value in single:
        yield GaugeMetricFamily(name, said, value=value)
    told = {(kind, outcome or "waiting"): count for kind, outcome, count in overview.notices()}
    yield _labelled(
        GaugeMetricFamily(
            "waybill_notices_waiting", "Notices that are not sent yet.", labels=["kind"]
        ),
        {(kind,): count for (kind, outcome), count in told.items() if outcome == "waiting"},
    )
    yield _labelled(
        # No counter: one that was given up can be tried again.
        GaugeMetricFamily(
            "waybill_notices", "Notices by what became of them.", labels=["kind", "outcome"]
        ),
        {key: count for key, count in told.items() if key[1] in NoticeOutcome.values},
    )


def _happened(so_far: Totals) -> Iterator[Metric]:
    yield _labelled(
        CounterMetricFamily("waybill_events", "Lines of the log.", labels=["event", "resource"]),
        dict(so_far.events),
    )
    yield _labelled(
        CounterMetricFamily(
            "waybill_exports_ended", "Exports that came to an end.", labels=["result", "format"]
        ),
        dict(so_far.ended),
    )
    by_format = (
        ("waybill_exported_rows", "Rows of completed exports.", so_far.rows),
        ("waybill_exported_bytes", "Bytes of completed exports.", so_far.bytes),
    )
    for name, said, counts in by_format:
        family = CounterMetricFamily(name, said, labels=["format"])
        yield _labelled(family, {(kind,): count for kind, count in counts.items()})
    by_code = (
        ("waybill_failures", "Exports that failed, by reason.", so_far.reasons),
        ("waybill_refused", "Requests that were refused, by reason.", so_far.refused),
    )
    for name, said, counts in by_code:
        family = CounterMetricFamily(name, said, labels=["code"])
        yield _labelled(family, {(code,): count for code, count in counts.items()})
    lost = sum(n for (event, _), n in so_far.events.items() if event == Event.LOST)
    yield CounterMetricFamily("waybill_leases_lost", "Attempts whose worker was lost.", value=lost)
    yield _durations(so_far)


def _durations(so_far: Totals) -> Metric:
    family = HistogramMetricFamily(
        "waybill_export_seconds", "How long completed exports took.", labels=["format"]
    )
    bounds = [*(str(float(bound)) for bound in BUCKETS), "+Inf"]
    for kind, took in sorted(so_far.took.items()):
        buckets = list(zip(bounds, accumulate(took.counts), strict=True))
        family.add_metric([kind], buckets=buckets, sum_value=took.seconds)
    return family


def _labelled[M: GaugeMetricFamily | CounterMetricFamily](
    family: M, values: Mapping[tuple[str], int] | Mapping[tuple[str, str], int]
) -> M:
    for labels, value in sorted(values.items()):
        family.add_metric(list(labels), value)
    return family
