"""A server told to stop or to read its settings again: real processes, real signals."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_door import ASK, TURTLE, Server, head, serve
from test_server import VALID, stop

import graph
from graph.errors import BadInput
from graph.settings import Settings


def soon(holds: Callable[[], bool], patience_s: float = 20) -> bool:
    """Whether something comes to hold within a while."""
    until = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def children(pid: int) -> set[int]:
    """The processes that a process started, and theirs."""
    listed = subprocess.run(
        ["ps", "-e", "-o", "ppid=,pid="], check=True, capture_output=True, encoding="ascii"
    )
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = {pid}
    while more := {child for parent, child in pairs if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists()}


@pytest.fixture
def reloading(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A server with a settings file."""
    file = tmp_path / "settings.toml"
    file.write_text("queries_per_minute = 0\n", "utf-8")
    running = serve(tmp_path, ASCRIBE_SETTINGS_FILE=str(file))
    yield running, file
    stop(running.process)


def reload(server: Server, saying: str) -> None:
    server.process.send_signal(signal.SIGHUP)
    assert soon(lambda: saying in server.out.read_text("utf-8")), server.out.read_text("utf-8")


def test_a_hangup_takes_settings_over_and_drops_no_connection(
    reloading: tuple[Server, Path],
) -> None:
    server, file = reloading
    connection = http.client.HTTPConnection(server.client.base.split("/")[2])
    connection.request("GET", f"/{ASK}")
    assert connection.getresponse().read() and connection.sock
    kept, workers = connection.sock, children(server.process.pid)
    with head(server, "validate", "192.0.2.1", f"Content-Length: {VALID.stat().st_size}") as body:
        file.write_text("queries_per_minute = 2\nmetrics_public = true\nmax_bytes = 10\n", "utf-8")
        reload(server, "Changed: metrics_public, queries_per_minute.")
        body.sendall(VALID.read_bytes())
        assert body.recv(12).endswith(b"200"), "what was under way went on under the old limits"
    assert [server(ASK).status for _ in range(3)] == [200, 200, 429]
    assert server("metrics").status == 200
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200 and connection.sock is kept
    assert workers <= children(server.process.pid), "no process was replaced"


def test_a_settings_file_that_cannot_be_read_changes_nothing(
    reloading: tuple[Server, Path],
) -> None:
    server, file = reloading
    file.write_text('queries_per_minute = "2"\n', "utf-8")
    reload(server, "The settings stay as they are")
    assert "queries_per_minute = '2' is not of the type int" in server.out.read_text("utf-8")
    assert [server(ASK).status for _ in range(5)] == [200] * 5


@pytest.mark.parametrize(
    ("text", "fault"),
    [("colour = 1", "no setting 'colour'"), ("= 1", "not readable as TOML"), (None, "not read")],
)
def test_a_settings_file_is_read_strictly(tmp_path: Path, text: str | None, fault: str) -> None:
    file = tmp_path / "settings.toml"
    if text is not None:
        file.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=fault):
        Settings.from_environment({"ASCRIBE_SETTINGS_FILE": str(file)})


def test_the_environment_goes_before_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("max_bytes = 1\nslow_query_s = 2\n", "utf-8")
    environ = {"ASCRIBE_SETTINGS_FILE": str(file), "ASCRIBE_MAX_BYTES": "3"}
    settings = Settings.from_environment(environ)
    assert (settings.max_bytes, settings.slow_query_s) == (3, 2)


def test_a_server_told_to_stop_ends_what_is_under_way_and_takes_nothing_new(
    tmp_path: Path,
) -> None:
    server = serve(tmp_path)
    everybody = children(server.process.pid)
    answers: list[int] = []
    token = server.token("write")
    length = f"Content-Length: {VALID.stat().st_size}"
    with head(server, "bundles", "192.0.2.1", length, f"Authorization: Bearer {token}") as body:
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        assert soon(lambda: _refuses(server)), "new connections are refused"
        body.sendall(VALID.read_bytes())
        answers.append(int(body.recv(12).split()[1]))
    assert answers == [201]
    assert server.process.wait(20) == 0
    assert soon(lambda: not alive(everybody)), "nothing is left running"
    with graph.open(server.folder) as kg:
        assert kg.writer.revision() == 2 and not kg.astray()


def test_a_request_that_does_not_end_holds_a_stop_up_no_longer_than_the_settings_say(
    tmp_path: Path,
) -> None:
    server = serve(tmp_path, ASCRIBE_SHUTDOWN_S="1")
    everybody = children(server.process.pid)
    with head(server, "validate", "192.0.2.1", "Content-Length: 1000"):
        time.sleep(0.3)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)
        assert time.monotonic() - begun < 10
    assert soon(lambda: not alive(everybody)), "nothing is left running"
    with graph.open(server.folder) as kg:
        assert not kg.astray()


def test_a_server_that_is_killed_leaves_nobody_who_holds_its_port_and_dataset(
    tmp_path: Path,
) -> None:
    server = serve(tmp_path)
    everybody = children(server.process.pid)
    server.process.kill()
    server.process.wait()
    assert soon(lambda: not alive(everybody)), "nothing is left running"
    assert _refuses(server)
    with graph.open(server.folder) as kg:
        assert not kg.astray()


def _refuses(server: Server) -> bool:
    try:
        server("health")
    except (urllib.error.URLError, ConnectionError):
        return True
    return False


def test_a_request_that_comes_too_late_is_not_half_done(tmp_path: Path) -> None:
    """Writers go on while the server is told to stop: what was acknowledged is there."""
    server = serve(tmp_path)
    token = server.token("write")
    acknowledged: list[str] = []

    def write(number: int) -> None:
        data = VALID.read_bytes().replace(b"49a1245337d2", b"%012x" % number)
        try:
            answer = server("bundles", data=data, Content_Type=TURTLE, token=token)
        except OSError:
            return
        if answer.status == 201:
            acknowledged.append(answer.json["bundle"])

    writers = [
        threading.Thread(target=lambda first=n: [write(first * 100 + k) for k in range(1, 20)])
        for n in range(1, 4)
    ]
    for each in writers:
        each.start()
    assert soon(lambda: len(acknowledged) > 5)
    os.kill(server.process.pid, signal.SIGTERM)
    for each in writers:
        each.join()
    server.process.wait(20)
    with graph.open(server.folder) as kg:
        stored = {each.bundle for each in kg.history() if each.act == "added"}
        assert set(acknowledged) <= stored and not kg.astray()
