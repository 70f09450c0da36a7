from __future__ import annotations

from collections.abc import Iterator

from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.core import CounterMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from signalling.metrics_server import create_metrics_app


class Joins(Collector):
    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily("visavis_joins", "Joins.", labels=("outcome",))
        family.add_metric(("joined",), 3)
        yield family


async def test_a_scrape_shows_the_relay_s_metrics_and_the_process_s() -> None:
    app = create_metrics_app([Joins()])
    async with TestClient(TestServer(app)) as client:
        async with client.get("/metrics") as response:
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("text/plain")
            text = await response.text()
        families = {family.name: family for family in text_string_to_metric_families(text)}
        (sample, *_) = families["visavis_joins"].samples
        assert (sample.labels, sample.value) == ({"outcome": "joined"}, 3.0)
        assert "process_open_fds" in families
        async with client.get(
            "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}
        ) as response:
            assert response.headers["Content-Type"].startswith("application/openmetrics-text")
            assert (await response.text()).endswith("# EOF\n")
        async with client.get("/") as response:
            assert response.status == 404
