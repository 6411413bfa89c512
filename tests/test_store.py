"""The store protocol: the same contract in memory and on disk."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from graph.errors import StoreFault, SyntaxFault
from graph.formats import NQUADS, RESULTS_JSON
from graph.queries import NamedQuery, Param
from graph.store import Store
from graph.store.oxigraph import OxigraphStore

G, H = NamedNode("http://e/g"), NamedNode("http://e/h")
P = NamedNode("http://e/p")


def quad(name: str, value: str, graph: NamedNode = G) -> Quad:
    return Quad(NamedNode(f"http://e/{name}"), P, Literal(value), graph)


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = OxigraphStore.in_memory() if request.param == "memory" else OxigraphStore.open(tmp_path)
    yield made
    made.close()


def test_closing_lets_go_of_the_folder_though_a_circle_still_reads_from_it(tmp_path: Path) -> None:
    store = OxigraphStore.open(tmp_path)
    store.transact([quad("a", "1")])
    circle: list[object] = [store.find()]
    circle.append(circle)
    del circle
    store.close()
    OxigraphStore.open(tmp_path).close()


def test_a_transaction_removes_and_adds_in_one_step(store: Store) -> None:
    store.transact([quad("a", 'old "quoted"\n}'), quad("b", "kept", H)])
    store.transact([quad("a", "new")], [quad("a", 'old "quoted"\n}')])
    assert set(store.match()) == {quad("a", "new"), quad("b", "kept", H)}


def test_a_failing_transaction_changes_nothing(store: Store) -> None:
    store.transact([quad("a", "1")])
    broken = "not a quad"
    with pytest.raises((StoreFault, TypeError, AttributeError)):
        store.transact([quad("b", "2"), broken], [quad("a", "1")])  # type: ignore[list-item]
    assert store.match() == [quad("a", "1")]


def test_a_query_sees_the_union_of_all_graphs(store: Store) -> None:
    store.transact([quad("a", "1"), quad("b", "2", H)])
    assert len(store.query("SELECT * { ?s ?p ?o }").rows) == 2
    chosen = store.query("SELECT * { ?s ?p ?o }", default_graphs=[H])
    assert [str(row["o"]) for row in chosen.rows] == ['"2"']


def test_a_value_in_a_named_query_is_a_term_and_never_text(store: Store) -> None:
    hostile = '1" } ; DROP ALL #'
    store.transact([quad("a", hostile), quad("b", "1")])
    words = Param("o", "string", "", None, "what was said")
    named = NamedQuery("said", "", "", "", "", (words,), "SELECT ?s WHERE { ?s ?p $o }")
    answer = store.query(named.bound({"o": hostile}, ""))
    assert [str(row["s"]) for row in answer.rows] == ["<http://e/a>"]


def test_a_wrong_query_says_its_line_and_column(store: Store) -> None:
    with pytest.raises(SyntaxFault, match="line 2, column 8") as caught:
        store.query("SELECT * {\n ?s ?p ")
    assert (caught.value.line, caught.value.column) == (2, 8)
    assert len(str(caught.value)) < 200, "the grammar is not dumped"


def test_a_query_is_serialised_in_the_format_picked_for_its_kind(store: Store) -> None:
    output, kinds = io.BytesIO(), []

    def pick(kind: str):  # type: ignore[no-untyped-def]
        kinds.append(kind)
        return RESULTS_JSON

    store.serialize("ASK { ?s ?p ?o }", output, pick)
    assert kinds == ["ask"] and b'"boolean":false' in output.getvalue()


def test_a_dump_of_chosen_graphs_holds_those_only(store: Store) -> None:
    store.transact([quad("a", "1"), quad("b", "2", H)])
    output = io.BytesIO()
    store.dump(output, NQUADS, [H])
    assert output.getvalue() == b'<http://e/b> <http://e/p> "2" <http://e/h> .\n'


def test_threads_may_query_while_one_writes(store: Store) -> None:
    faults: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(50):
                store.query("SELECT * { ?s ?p ?o }")
        except BaseException as error:  # a panic is a BaseException
            faults.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(50):
        store.transact([quad(f"n{number}", "x")])
    for thread in threads:
        thread.join()
    assert not faults and len(store) == 50


def test_a_second_process_is_told_that_the_store_is_in_use(tmp_path: Path) -> None:
    first = OxigraphStore.open(tmp_path)
    with pytest.raises(StoreFault, match="in use by another process"):
        OxigraphStore.open(tmp_path)
    beside = OxigraphStore.open(tmp_path, read_only=True)
    assert len(beside) == 0
    beside.close()
    first.close()


def test_what_is_written_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    first = OxigraphStore.open(tmp_path)
    first.transact([quad("a", "1")])
    first.close()
    again = OxigraphStore.open(tmp_path)
    assert again.match() == [quad("a", "1")]
    again.close()


WRITER = """
import sys
from pathlib import Path
from pyoxigraph import Literal, NamedNode, Quad
from graph.store.oxigraph import OxigraphStore
store = OxigraphStore.open(Path(sys.argv[1]))
for number in range(100_000):
    graph = NamedNode(f"http://e/{number}")
    store.transact([Quad(graph, graph, Literal(part), graph) for part in range(20)])
    print(number, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_killed_while_writing_it_holds_each_write_whole_or_not_at_all(
    tmp_path: Path, acknowledged: int
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert process.stdout
    for _ in range(acknowledged):
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.communicate()
    store = OxigraphStore.open(tmp_path)
    sizes = {len(store.match(graph=graph)) for graph in store.graphs()}
    assert sizes == {20}, "a write is there by half"
    assert len(list(store.graphs())) > last, "an acknowledged write is lost"
    store.close()


def test_a_store_is_closed_with_its_files_made(tmp_path: Path) -> None:
    store = OxigraphStore.open(tmp_path / "store", synced=False)
    long = "x" * 1_000_000
    for number in range(20):
        node = NamedNode(f"http://example.org/{number}")
        store.transact([Quad(node, node, Literal(f"{number}{long}"), node)])
    before = {*(tmp_path / "store").glob("*.sst")}
    store.close()
    assert {*(tmp_path / "store").glob("*.sst")} > before
    again = OxigraphStore.open(tmp_path / "store", read_only=True)
    assert len(again) == 20
    again.close()
