"""What an operator sees of a server: metrics, log lines, readiness; real HTTP."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families
from test_door import ASK, TURTLE, Server, head, serve
from test_server import INVALID, VALID, stop

from graph.errors import BadInput
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.web import create_web

Sample = dict[tuple[str, str], float]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Writes JSON lines, and finds every query slow."""
    running = serve(
        tmp_path_factory.mktemp("operated"),
        ASCRIBE_ACCESS_LOG="1",
        ASCRIBE_LOG_FORMAT="json",
        ASCRIBE_SLOW_QUERY_S="0.000001",
    )
    yield running
    stop(running.process)


def samples(server: Server) -> Sample:
    """Every sample by its name and its labels, as `label=value` in the labels' order."""
    answer = server("metrics", scope="read")
    assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
    return {
        (each.name, " ".join(f"{k}={v}" for k, v in sorted(each.labels.items()))): each.value
        for family in text_string_to_metric_families(answer.body.decode())
        for each in family.samples
    }


def settled(server: Server, others: int = 0) -> Sample:
    """The samples once so many other requests are under way: an answer is counted when
    it is through, which its client may know before."""
    deadline = time.monotonic() + 10
    while (found := samples(server))["ascribe_requests_under_way", ""] != 1 + others:
        assert time.monotonic() < deadline
    return found


def grown(server: Server, act: Callable[[], object]) -> Sample:
    """What an act adds to each sample."""
    before = settled(server)
    act()
    after = settled(server)
    return {key: value - before.get(key, 0) for key, value in after.items()}


def lines(server: Server, event: str = "request", request_id: str = "") -> list[dict[str, object]]:
    """What was logged of an event, one object a line, once all is through."""
    settled(server)
    said = server.out.read_text("utf-8").splitlines()
    found = [json.loads(line) for line in said if not line.startswith("Serving ")]
    found = [each for each in found if each["event"] == event]
    return [each for each in found if request_id in (each["request_id"], "")]


def test_requests_are_counted_by_route_template_method_and_status(server: Server) -> None:
    def ask() -> None:
        server(ASK)
        server("agent/cnn-f2e80d.ttl")
        server("agent/nobody-at-all.ttl")
        server("bundles", data=VALID.read_bytes(), Content_Type=TURTLE)

    more = grown(server, ask)
    counted = {
        "method=GET route=/sparql status=200": 1,
        "method=GET route=/<path:local> status=200": 1,
        "method=GET route=/<path:local> status=404": 1,
        "method=POST route=/bundles status=401": 1,
    }
    for labels, number in counted.items():
        assert more["ascribe_requests_total", labels] == number, labels
    assert more["ascribe_request_seconds_count", "route=/sparql"] == 1
    assert 0 < more["ascribe_request_seconds_sum", "route=/sparql"] < 60
    assert more["ascribe_sent_bytes_total", "route=/<path:local>"] > 200
    assert more["ascribe_received_bytes_total", "route=/bundles"] == VALID.stat().st_size


def test_writes_are_counted_by_road_and_outcome_and_refusals_by_rule(server: Server) -> None:
    token = server.token("write")
    version = ""

    def write() -> None:
        nonlocal version
        options = {"token": token, "Content_Type": TURTLE}
        server("bundles", data=INVALID.read_bytes(), **options)
        added = server("bundles", data=VALID.read_bytes(), **options)
        version = added.headers["Location"]
        server("bundles", data=VALID.read_bytes(), **options)
        server("bundles", data=b"<a> <b>", **options)
        server("update", data=b"LOAD <http://e/>", token=token)
        server("graph-store?graph=" + version, method="DELETE", token=token)

    more = grown(server, write)
    outcomes = {
        "outcome=added road=bundles": 1,
        "outcome=unchanged road=bundles": 1,
        "outcome=refused road=bundles": 1,
        "outcome=unreadable road=bundles": 1,
        "outcome=unreadable road=update": 1,
        "outcome=retracted road=graph-store": 1,
    }
    for labels, number in outcomes.items():
        assert more["ascribe_writes_total", labels] == number, labels
    assert more["ascribe_refused_bundles_total", "rule=shapes:Attribution-act"] == 1
    assert more["ascribe_check_seconds_count", ""] >= 2
    assert more["ascribe_revision", ""] == 2
    assert more["ascribe_statements", ""] == 0


def test_what_a_client_makes_up_becomes_no_label(server: Server) -> None:
    def ask() -> None:
        for number in range(5):
            server(f"made-up/{number}", method="BREW")
            server("sparql?query=ASK%7B%7D", X_Request_Id=f"made-up-{number}")

    more = grown(server, ask)
    assert not [key for key in more if "made-up" in key[1] or "BREW" in key[1]]
    unknown = [key for key in more if "method=other" in key[1]]
    assert sum(more[key] for key in unknown if key[0] == "ascribe_requests_total") == 5


def test_the_state_of_dataset_and_process_can_be_read(server: Server) -> None:
    found = samples(server)
    assert found["ascribe_statements", ""] == 82
    assert found["ascribe_store_up", ""] == 1
    assert found["ascribe_store_lag_groups", ""] == 0
    assert found["ascribe_parsers_busy", ""] == 0
    assert found["process_resident_memory_bytes", ""] > 10_000_000
    assert found["process_threads", ""] > 2


def test_a_request_whose_client_hangs_up_is_no_longer_under_way(server: Server) -> None:
    with head(server, "validate", "192.0.2.200", "Content-Length: 1000"):
        settled(server, others=1)
    settled(server)


def test_metrics_take_a_token_unless_the_settings_say_otherwise(server: Server) -> None:
    assert server("metrics").status == 401
    open_to_all = create_web(KnowledgeGraph(Settings(metrics_public=True))).test_client()
    assert b"ascribe_revision 0" in open_to_all.get("/metrics").data


@pytest.mark.parametrize("given", ["proxy-7f3a:12/3", "a" * 128])
def test_a_well_formed_request_id_is_kept(server: Server, given: str) -> None:
    missing = server("no-such-page", Accept="application/json", X_Request_Id=given)
    assert missing.headers["X-Request-Id"] == given == missing.json["request_id"]
    assert [each["status"] for each in lines(server, request_id=given)] == [404]


@pytest.mark.parametrize("given", ["", "a b", 'x"y', "a" * 129, "asc_0123456789abcdef0123"])
def test_another_request_id_is_replaced(server: Server, given: str) -> None:
    made = server(ASK, X_Request_Id=given).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_each_request_is_one_json_line(server: Server) -> None:
    token = server.token("read", "archive desk")
    server(f"{ASK}&secret=hidden", token=token, X_Request_Id="line-1")
    (line,) = lines(server, request_id="line-1")
    assert isinstance(line["ms"], float) and line["ms"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z", str(line["time"]))
    assert {k: v for k, v in line.items() if k not in ("time", "ms", "bytes")} == {
        "level": "info",
        "event": "request",
        "request_id": "line-1",
        "method": "GET",
        "path": "/sparql",
        "route": "/sparql",
        "status": 200,
        "token": "archive desk",
    }
    told = server.out.read_text("utf-8")
    assert "hidden" not in told and token not in told


def test_a_slow_query_is_noted_by_its_digest_alone(server: Server) -> None:
    """Twice the same, from token holders, to whom no earlier answer is given again."""
    secret = quote('SELECT * { ?s ?p "who looks for what" }')
    for _ in range(2):
        assert server(f"sparql?query={secret}", scope="read").status == 200
    *_, first, second = lines(server, "slow query")
    assert first["digest"] == second["digest"] and second["level"] == "warning"
    assert second["seconds"] > 0  # type: ignore[operator]
    assert "who looks for what" not in server.out.read_text("utf-8")


def test_a_query_over_its_limit_is_counted_and_noted(tmp_path: Path) -> None:
    server = serve(
        tmp_path,
        ASCRIBE_QUERY_TIMEOUT_S="1",
        ASCRIBE_SLOW_QUERY_S="0.9",
        ASCRIBE_ACCESS_LOG="1",
        ASCRIBE_LOG_FORMAT="json",
    )
    try:
        long = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        more = grown(server, lambda: server.client.ask(long))
        assert more["ascribe_query_events_total", "event=asked"] == 1
        assert more["ascribe_query_events_total", "event=stopped_for_time"] == 1
        assert more["ascribe_requests_total", "method=GET route=/sparql status=503"] == 1
        assert samples(server)["ascribe_query_workers", ""] >= 1
        (slow,) = lines(server, "slow query")
        assert "longer than 1 s" in str(slow["limit"]) and "?a ?b ?c" not in str(slow)
    finally:
        stop(server.process)


def test_a_slow_query_is_noted_in_full_where_the_settings_say_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = Settings(slow_query_s=1e-9, log_queries=True)
    web = create_web(KnowledgeGraph(settings)).test_client()
    assert b"true" in web.post("/sparql", data={"query": "ASK {\n?s ?p ?o }"}).data
    (noted,) = caplog.messages
    assert 'query="ASK {\\n?s ?p ?o }"' in noted


def test_a_log_format_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadInput, match="neither text nor json"):
        Settings(log_format="xml")


def test_a_server_that_can_do_its_work_is_ready(server: Server) -> None:
    ready = server("ready")
    assert ready.status == 200 and ready.json == {"status": "ready", "missing": []}
    assert ready.headers["Cache-Control"] == "no-store"


def test_a_server_without_room_or_log_is_alive_and_not_ready(tmp_path: Path) -> None:
    from graph.kg import create, open_dataset

    settings = Settings(min_disk_bytes=10**18)
    with open_dataset(create(tmp_path / "desk"), settings=settings) as kg:
        web = create_web(kg).test_client()
        (tmp_path / "desk" / "journal.log").unlink()
        (tmp_path / "desk" / "journal.log").mkdir()
        ready = web.get("/ready")
        assert ready.status_code == 503 and ready.json
        log, room = ready.json["missing"]
        assert "log of writes" in log and "ASCRIBE_MIN_DISK_BYTES" in room
        assert web.get("/health").status_code == 200


def test_a_client_that_hangs_up_frees_the_worker_long_before_its_limit(server: Server) -> None:
    query = quote("SELECT * { ?a ?b ?c . ?d ?e ?f }")
    started = time.monotonic()
    address = urlsplit(server.client.base)
    with socket.create_connection((address.hostname or "", address.port or 0)) as line:
        ask = f"GET /sparql?query={query} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        line.sendall(f"{ask}Accept: text/csv\r\n\r\n".encode())
        assert line.recv(1_000).startswith(b"HTTP/1.1 200")
        assert samples(server)["ascribe_query_busy", ""] == 1
    while samples(server)["ascribe_query_busy", ""]:
        time.sleep(0.05)
    assert time.monotonic() - started < Settings().query_timeout_s / 2
