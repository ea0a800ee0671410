"""What Prometheus asks for at ``/metrics``, and ``/healthz``: 200 while the collector works, else 503 and why.

Everything is read anew from the stores when it is asked for, as `smdr status` does; a thread of its own answers.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from collector import status
from collector.rules.names import RULES
from collector.tls import TlsError, server_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from prometheus_client.core import Metric

    from collector.config import Config, Metrics
    from collector.liveness import Liveness

_log = logging.getLogger(__name__)

_KINDS = ("records", "rejected", "noise", "pending")
_STATES = ("connecting", "open", "waiting", "closed", "failed", "stopped")
_REQUEST_S = 10
MOST_REQUESTS = 16
"""Requests under way at once. One that is never finished holds a thread and a file of the collector."""
_TOLD_EVERY_S = 60.0


class StatusMetrics:
    """The state of a configuration as metrics."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config

    def collect(self) -> Iterator[Metric]:
        """All metrics, as they are now."""
        now = status.read(self._config())
        yield from _of_sources(now["sources"])
        lag = GaugeMetricFamily("smdr_output_lag_calls", "Calls an output has still to be sent.", labels=["output"])
        working = GaugeMetricFamily("smdr_output_ok", "Whether an output takes calls.", labels=["output"])
        for output in now["outputs"]:
            lag.add_metric([output["name"]], output["lag_calls"])
            working.add_metric([output["name"]], output["state"] == "ok")
        alarm = GaugeMetricFamily("smdr_alarm", "An alarm that stands, with its kind.", labels=["kind", "subject"])
        for standing in now["alarms"]:
            alarm.add_metric([standing["kind"], standing["subject"]], 1)
        yield from (lag, working, alarm)
        if now["rules"]:
            yield from _of_rules(now["rules"])


def _of_sources(sources: list[dict[str, Any]]) -> Iterator[Metric]:
    received = CounterMetricFamily("smdr_received_bytes", "Bytes received from a source.", labels=["source"])
    parts = GaugeMetricFamily(
        "smdr_bytes", "What the bytes received are: their kinds add up to them, always.", labels=["source", "kind"]
    )
    legs = CounterMetricFamily("smdr_legs", "Records that are legs of calls.", labels=["source"])
    calls = CounterMetricFamily("smdr_calls", "Calls.", labels=["source"])
    rejected = CounterMetricFamily("smdr_rejected_lines", "Lines that were not understood.", labels=["source"])
    last = GaugeMetricFamily("smdr_last_record_timestamp_seconds", "When the last record came.", labels=["source"])
    drift = GaugeMetricFamily("smdr_clock_drift_seconds", "Seconds the PBX clock is ahead.", labels=["source"])
    errors = CounterMetricFamily(
        "smdr_line_errors", "Damaged or lost bytes that a serial port reports.", labels=["source", "kind"]
    )
    state = GaugeMetricFamily("smdr_link", "1 for the state the link is in.", labels=["source", "state"])
    for source in sources:
        name, count = source["name"], source["bytes"]
        received.add_metric([name], count["received"])
        for kind in _KINDS:
            parts.add_metric([name, kind], count[kind])
        legs.add_metric([name], source["legs"])
        calls.add_metric([name], source["calls"])
        rejected.add_metric([name], source["rejected"])
        for one in _STATES:
            state.add_metric([name, one], source["state"] == one)
        for kind, bytes_ in (source["line_errors"] or {}).items():
            errors.add_metric([name, kind], bytes_)
        if source["last_record"]:
            last.add_metric([name], datetime.fromisoformat(source["last_record"]).timestamp())
        if source["drift_s"] is not None:
            drift.add_metric([name], source["drift_s"])
    yield from (received, parts, legs, calls, rejected, last, drift, errors, state)


def _of_rules(rules: dict[str, Any]) -> Iterator[Metric]:
    unsettled = GaugeMetricFamily(
        "smdr_violations_open", "Violations about which nothing was done yet.", labels=["rule"]
    )
    for rule in RULES:
        unsettled.add_metric([rule], rules["open"].get(rule, 0))
    judged = GaugeMetricFamily("smdr_judged_timestamp_seconds", "When nothing was left to be judged.")
    if rules["judged"]:
        judged.add_metric([], datetime.fromisoformat(rules["judged"]).timestamp())
    yield from (unsettled, judged, GaugeMetricFamily("smdr_judging_due_days", "Days to be judged.", rules["due"]))


class MetricsServer:
    """Answers on one address until it is closed. Raises OSError where it cannot listen there, and `TlsError`."""

    def __init__(self, config: Callable[[], Config], liveness: Liveness, settings: Metrics) -> None:
        certificate = None
        if settings.certificate_file and settings.key_file:
            certificate = settings.certificate_file, settings.key_file
            server_context(*certificate)
        host, port = settings.address
        registry = CollectorRegistry(auto_describe=False)
        registry.register(StatusMetrics(config))
        self._metrics = make_wsgi_app(registry)
        self._liveness = liveness
        self._loop = asyncio.get_running_loop()
        self._server = _Server((host, port), _Quiet)
        self._server.set_app(self._answer)
        self._server.certificate = certificate
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()
        _log.info(
            "Metrics at %s://%s:%d/metrics, health at /healthz.", "https" if certificate else "http", host, self.port
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.server_port

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                answer: Iterable[bytes] = self._metrics(environ, start)
                return answer
            case "/healthz":
                fault = asyncio.run_coroutine_threadsafe(self._liveness.fault(), self._loop).result()
                start("503 Service Unavailable" if fault else "200 OK", [("Content-Type", "text/plain; charset=utf-8")])
                return [f"{fault or 'ok'}\n".encode()]
            case _:
                start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
                return [b"There are /metrics and /healthz.\n"]


class _Server(ThreadingMixIn, WSGIServer):
    """Answers each request in a thread of its own, `MOST_REQUESTS` at once: with one more, the oldest is given up."""

    daemon_threads = True
    certificate: tuple[Path, Path] | None = None
    """Certificate and key, read anew for each connection: they may be renewed."""

    def __init__(self, *settings: Any) -> None:
        self._turn = threading.Lock()
        self._under_way: dict[Any, socket.socket] = {}
        self._not_understood, self._tell_from = 0, float("-inf")
        super().__init__(*settings)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begin to answer a request; where too many are under way, the oldest gets no answer."""
        with self._turn:
            if len(self._under_way) >= MOST_REQUESTS:
                oldest = self._under_way.pop(next(iter(self._under_way)))
                with suppress(OSError):  # it has just gone by itself
                    oldest.shutdown(socket.SHUT_RDWR)
            self._under_way[request] = request
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Let go of a request that was answered, or cannot be."""
        with self._turn:
            self._under_way.pop(request, None)
        super().shutdown_request(request)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection; whoever does not speak TLS where that is spoken is not answered."""
        if self.certificate is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(_REQUEST_S)
        try:
            context = server_context(*self.certificate)
            wrapped = context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        except (OSError, TlsError) as error:
            self._tell(error)
            return
        with self._turn:
            if request in self._under_way:
                self._under_way[request] = wrapped
        with wrapped:
            try:
                wrapped.do_handshake()
            except OSError as error:
                self._tell(error)
                return
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  (the overridden one's)
        """Whoever asks may hang up or be too slow: nothing of that is a fault here."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            _log.error("A request for metrics could not be answered.", exc_info=error)

    def _tell(self, error: Exception) -> None:
        """Tell why a request was not understood, once a minute: a port scan must not fill the log."""
        with self._turn:
            self._not_understood += 1
            if time.monotonic() < self._tell_from:
                return
            self._tell_from = time.monotonic() + _TOLD_EVERY_S
            more = f" ({self._not_understood} since the last notice)" if self._not_understood > 1 else ""
            self._not_understood = 0
        _log.info("A request for metrics was not understood: %s%s.", error, more)


class _Quiet(WSGIRequestHandler):
    timeout = _REQUEST_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name of the overridden one)
        """Requests are not logged: there is one every few seconds."""
