"""Many bundles at once: each reported, the good ones kept, the rest written out."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

import pytest
from conftest import BASE, ROOT, river
from pyoxigraph import NamedNode, parse

import graph
from graph.bulk.loader import Loader, Outcome
from graph.bulk.splitting import parts_of
from graph.errors import BadInput, GraphError, Refused
from graph.formats import NQUADS, TRIG, TURTLE, dumps
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.store.oxigraph import OxigraphStore
from graph.vocab import RDFS

RIVER = ROOT / "tests" / "cases" / "bundle" / "valid-river-report.ttl"
ASCRIBE = str(Path(sys.executable).with_name("ascribe"))
DIGEST = "49a1245337d2"
WRONG = b'"Lauter rises"', b'"Lauter falls over"'


@cache
def one_report() -> bytes:
    """The river report as `ascribe export` writes it."""
    with graph.open() as kg:
        quads = kg.read(RIVER.read_bytes(), TURTLE).quads
        shared = kg.graphs.shared
        return dumps(sorted(quads, key=lambda q: (q.graph_name in shared, str(q))), NQUADS)


def corpus(path: Path, count: int, wrong: frozenset[int] = frozenset()) -> Path:
    """A file of river reports, some with a wrong span."""
    data = one_report()
    with path.open("wb") as file:
        for number in range(1, count + 1):
            text = data.replace(DIGEST.encode(), b"%012x" % number)
            file.write(text.replace(*WRONG) if number in wrong else text)
    return path


def load(kg: KnowledgeGraph, *paths: Path) -> list[Outcome]:
    outcomes = list(Loader(kg.writer, kg.reader, kg.texts).load(paths))
    kg.relate()
    return outcomes


def states(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(
        each.receipt.state if each.receipt else type(each.fault).__name__ for each in outcomes
    )


def content(kg: KnowledgeGraph) -> set[str]:
    """What is stored, less what tells when and by which write."""
    kept = (str(quad) for quad in kg.store.match())
    return {q for q in kept if "graph/catalog" not in q and "generatedAtTime" not in q}


def cli(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [ASCRIBE, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_load_that_is_left_collects_garbage_as_before(tmp_path: Path) -> None:
    before = gc.get_threshold()
    path = corpus(tmp_path / "all.nq", 20)
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        outcomes = Loader(kg.writer, kg.reader, kg.texts).load([path])
        assert isinstance(outcomes, Generator)
        next(outcomes)
        assert gc.get_threshold()[0] > before[0]
        outcomes.close()
        assert gc.get_threshold() == before
        assert len(load(kg, path)) == 20 and gc.get_threshold() == before


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], list[tuple[int, str]]]:
    """What is stored and logged of 40 reports that are added one by one."""
    folder = tmp_path_factory.mktemp("single")
    path = corpus(folder / "many.nq", 40)
    with graph.open(graph.create(folder / "desk", BASE)) as kg:
        for bundle in kg.reader.read_all_file(path):
            kg.add(bundle)
        return content(kg), [(w.revision, w.act) for w in kg.history()]


def test_a_bulk_load_stores_what_adding_one_by_one_stores(
    tmp_path: Path, single: tuple[set[str], list[tuple[int, str]]]
) -> None:
    path = corpus(tmp_path / "many.nq", 40)
    assert path.stat().st_size > 2_000_000  # so it is taken apart while it is read
    with graph.open(graph.create(tmp_path / "bulk", BASE)) as kg:
        assert states(load(kg, path)) == {"added": 40}
        assert (content(kg), [(w.revision, w.act) for w in kg.history()]) == single
        assert kg.astray() == []


def test_the_store_takes_several_groups_of_a_load_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.bulk.loader._GROUP_BYTES", 100_000)
    monkeypatch.setattr("graph.groups.FIRST_STEP_BYTES", 400_000)
    monkeypatch.setattr("graph.groups._LARGEST_STEP_BYTES", 400_000)
    path = corpus(tmp_path / "many.nq", 40)
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        commits = kg.writer.commits
        monkeypatch.setattr(commits, "on_stored", lambda: None)  # the index asks for the rest
        assert states(load(kg, corpus(tmp_path / "one.nq", 1))) == {"added": 1}
        begun = commits.steps
        assert states(load(kg, path)) == {"added": 39, "unchanged": 1}
        assert 2 <= commits.steps - begun <= path.stat().st_size // 300_000
        assert commits.lag == 0 and kg.astray() == [] and kg.stats()["sources"] == 40


def test_what_a_killed_load_told_is_loaded_when_the_dataset_is_opened_next(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    single: tuple[set[str], list[tuple[int, str]]],
) -> None:
    path = corpus(tmp_path / "many.nq", 40)
    program = """if True:
        import os, sys, graph, graph.bulk.loader
        from pathlib import Path
        graph.bulk.loader._GROUP_BYTES = 300_000
        with graph.open(graph.create(Path("desk"), sys.argv[1])) as kg:
            loader = graph.bulk.loader.Loader(kg.writer, kg.reader, kg.texts)
            for outcome in loader.load([Path("many.nq")]):
                print(outcome.receipt.bundle, flush=True)
                if kg.writer.commits.revision() > 20:
                    os._exit(kg.writer.commits.steps)
    """
    command = [sys.executable, "-c", program, BASE]
    killed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    told, sizes, real = killed.stdout.split(), list[int](), OxigraphStore.load
    monkeypatch.setattr(
        OxigraphStore, "load", lambda self, data: (sizes.append(len(data)), real(self, data))
    )
    with graph.open(tmp_path / "desk") as kg:
        assert len(sizes) == 1 and sizes[0] > 1_000_000
        assert told and kg.astray() == [] and kg.stats()["sources"] >= len(told)
        assert all(kg.writer.digest_of(NamedNode(each)) for each in told)
        assert states(load(kg, path)).keys() == {"added", "unchanged"}
        assert (content(kg), [(w.revision, w.act) for w in kg.history()]) == single


def test_of_a_file_whose_reader_is_killed_only_whole_bundles_come(tmp_path: Path) -> None:
    path = tmp_path / "many.trig"
    path.write_bytes(dumps(parse(corpus(tmp_path / "many.nq", 40).read_bytes(), NQUADS.rdf), TRIG))
    whole = [part.data for part in parts_of(path, TRIG, Settings(base=BASE))]
    parts, found = parts_of(path, TRIG, Settings(base=BASE)), list[bytes]()
    found.append(next(parts).data)
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text("utf-8")
    reader = Path("/proc", children.split()[-1])
    while " S " not in (reader / "stat").read_text("utf-8"):  # until the pipe is full
        time.sleep(0.01)
    os.kill(int(reader.name), signal.SIGKILL)
    while " Z " not in (reader / "stat").read_text("utf-8"):
        time.sleep(0.01)
    with pytest.raises(BadInput, match="the process that reads it died"):
        found.extend(part.data for part in parts)
    assert 1 < len(found) < len(whole) and found == whole[: len(found)]


def test_a_second_load_of_the_same_changes_nothing(tmp_path: Path) -> None:
    path = corpus(tmp_path / "many.nq", 40)
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        load(kg, path)
        before = set(map(str, kg.store.match()))
        assert states(load(kg, path)) == {"unchanged": 40}
        assert set(map(str, kg.store.match())) == before


def test_a_bundle_that_leans_on_one_before_it_passes(tmp_path: Path) -> None:
    text = RIVER.read_text("utf-8")
    ours, theirs = (f"<statement/{n:012x}/259-284-097782af>" for n in (2, 1))
    leaning = text.replace(DIGEST, f"{2:012x}") + (
        f"{ours} asc:corroborates {theirs} .\n"
        f"<assessment/x> a asc:RelationAssessment ; asc:subject {ours} ; asc:object {theirs} ;"
        " asc:relation asc:corroborates ; asc:basis ascv:inferred ; asc:confidence 0.9 ;"
        " asc:author <agent/ines-falk-0fd3f3> .\n"
    )
    (tmp_path / "1.ttl").write_text(text.replace(DIGEST, f"{1:012x}"), "utf-8")
    (tmp_path / "2.ttl").write_text(leaning, "utf-8")
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        assert states(load(kg, tmp_path / "1.ttl", tmp_path / "2.ttl")) == {"added": 2}
    with graph.open(graph.create(tmp_path / "other", BASE)) as kg:
        found = load(kg, tmp_path / "2.ttl", tmp_path / "1.ttl")
        assert [bool(each.receipt) for each in found] == [False, True]


def broken(fault: GraphError) -> set[tuple[str, object]]:
    """The rules that something broke, and where."""
    results = fault.report.results if isinstance(fault, Refused) else ()
    return {(each.rule, each.focus) for each in results}


def leaning(lines: list[str], theirs: str) -> Iterator[str]:
    """Likes of a report that take what another has of its own for theirs: in one quad that
    names it, throughout, or by one quad about it; of each predicate and class one."""
    own = {line.split(" ")[0]: line.split("> ")[-2] for line in lines if DIGEST in line.split()[0]}
    named = {line.split(" ")[1]: line for line in lines if line.split(" ")[2] in own}
    for line in named.values():
        node = line.split(" ")[2]
        other = line.replace(f" {node} ", f" {node.replace(DIGEST, theirs)} ")
        yield "".join(other if each == line else each for each in lines)
    classes = {line.split(" ")[2]: line.split(" ")[0] for line in lines if "#type> " in line}
    for node in {*classes.values()} & own.keys():
        yield "".join(lines).replace(node, node.replace(DIGEST, theirs))
        about = f'{node.replace(DIGEST, theirs)} <{RDFS.comment.value}> "x" {own[node]}> .\n'
        yield "".join([*lines, about])


def test_a_bundle_is_judged_as_after_those_that_wait_before_it(tmp_path: Path) -> None:
    """What a bundle has of its own is told to no check until the store has it."""
    lines = corpus(tmp_path / "one.nq", 1).read_text("utf-8").splitlines(keepends=True)
    lines = [line.replace(f"{1:012x}", DIGEST) for line in lines]
    paths = []
    for number, like in enumerate(leaning(lines, "their-digest"), 1):
        for name, text in (("a", "".join(lines)), ("b", like)):
            paths.append(tmp_path / f"{number:02}-{name}.nq")
            mine = f"{2 * number + (name == 'b'):012x}"
            told = text.replace("their-digest", f"{2 * number:012x}").replace(DIGEST, mine)
            paths[-1].write_text(told, "utf-8")
    with graph.open() as alone, graph.open(graph.create(tmp_path / "desk", BASE)) as together:
        found = load(together, *paths)
        for path, outcome in zip(paths, found, strict=True):
            try:
                assert states([outcome]) == {alone.add(path).state: 1}
            except GraphError as fault:
                assert type(outcome.fault) is type(fault)
                assert broken(outcome.fault) == broken(fault)
        assert 2 < states(found)["Refused"] < len(paths) / 2
        assert content(together) == content(alone)


def test_somebody_may_speak_for_another_than_in_an_earlier_source(tmp_path: Path) -> None:
    """What is stored about a shared thing names things of which a bundle says nothing."""

    def spoken_for(number: int, board: str) -> bytes:
        return (
            river(number)
            + (
                f"<agent/ines-falk-0fd3f3> asc:speaksFor <agent/{board}-1a2b3c> ."
                f'<agent/{board}-1a2b3c> a asc:Organization ; rdfs:label "{board} board"@en .'
            ).encode()
        )

    paths = [tmp_path / f"{board}.ttl" for board in ("north", "south")]
    for number, path in enumerate(paths):
        path.write_bytes(spoken_for(number, path.stem))
    with graph.open() as alone, graph.open() as together:
        assert [alone.add(path).state for path in paths] == ["added", "added"]
        assert states(load(together, *paths)) == {"added": 2}
        assert content(together) == content(alone)


def test_what_is_refused_is_refused_as_it_would_be_alone(tmp_path: Path) -> None:
    path = corpus(tmp_path / "many.nq", 40, wrong=frozenset({7}))
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        found = load(kg, path)
        assert states(found) == {"added": 39, "Refused": 1}
        bulk = found[6].fault
        bundle = kg.reader.read(found[6].refused, NQUADS)
        with pytest.raises(Refused) as alone:
            kg.add(bundle)
        assert isinstance(bulk, Refused)
        assert {(r.rule, r.focus) for r in bulk.report.results} == {
            (r.rule, r.focus) for r in alone.value.report.results
        }


def test_files_that_cannot_be_read_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    path = corpus(tmp_path / "many.nq", 40)
    (tmp_path / "torn.nq").write_bytes(path.read_bytes()[:-100])
    (tmp_path / "no.ttl").write_text("<a> <b> .")
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        found = load(kg, tmp_path / "no.ttl", tmp_path / "gone.ttl", tmp_path / "torn.nq", RIVER)
        assert states(found)["added"] == 40
        faults = [str(each.fault) for each in found if each.fault]
        assert len(faults) == 3
        assert all(
            name in text for name, text in zip(("no.ttl:1", "gone", "torn"), faults, strict=True)
        )


def test_quads_that_do_not_stand_together_are_refused_with_a_way_out(tmp_path: Path) -> None:
    path = corpus(tmp_path / "many.nq", 40)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[1:] + lines[:1]))
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        fault = [each.fault for each in load(kg, path)][-1]
        assert "do not stand together" in str(fault) and "ascribe export" in str(fault)


def test_however_a_large_file_is_written_its_bundles_are_the_same(
    tmp_path: Path, single: tuple[set[str], list[tuple[int, str]]]
) -> None:
    ways = [
        *((b"> <", b">\t<"), (b" .\n", b" .\r\n"), (b" .\n", b" .\n# and more\n\n")),
        *((b"Lauter", rb"\u004Cauter"), (b'"@en ', b'"@EN '), (b"<http:", b"<\\u0068ttp:")),
        (b'" <', b'"^^<http://www.w3.org/2001/XMLSchema#string> <'),
    ]
    path = tmp_path / "many.nq"
    lines = corpus(path, 40).read_bytes().splitlines(keepends=True)
    size = len(lines) // 40
    parts = [b"".join(lines[start : start + size]) for start in range(0, len(lines), size)]
    assert all(way in parts[0] for way, _ in ways)
    others = [part.replace(*way) for part, way in zip(parts, ways * 5, strict=False)]
    path.write_bytes(b"".join(others + parts[len(others) :]).removesuffix(b"\n"))
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        assert states(load(kg, path)) == {"added": 40}
        assert content(kg) == single[0]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (b'"Lauter rises"', b'"Lauter rises', "many.nq:{line}:"),
        (b'"Lauter rises"', b'"Lauter \xff"', "many.nq:{line}:"),
        (b'"Lauter rises"', b'"Lauter\\u0000rises"', "NUL"),
    ],
)
def test_one_bundle_that_is_not_readable_keeps_no_other_out(
    tmp_path: Path, right: bytes, wrong: bytes, said: str
) -> None:
    path = corpus(tmp_path / "many.nq", 40)
    data = path.read_bytes()
    place = data.index(right, len(data) // 2)
    path.write_bytes(data[:place] + wrong + data[place + len(right) :])
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        found = load(kg, path)
        [fault] = [str(each.fault) for each in found if each.fault]
        assert states(found)["added"] == 39
        assert said.format(line=data[:place].count(b"\n") + 1) in fault


def test_the_rest_of_a_file_is_written_beside_it_with_its_reports(tmp_path: Path) -> None:
    cli("init", "desk", folder=tmp_path)
    path = corpus(tmp_path / "many.nq", 60, wrong=frozenset({3, 50}))
    done = cli("add", "--data", "desk", path, folder=tmp_path)
    assert done.returncode == 1
    assert "58 of 60 bundles passed" in done.stderr
    rest, reports = (Path(f"{path}.refused.{each}") for each in ("nq", "txt"))
    place, focus = reports.read_text("utf-8").splitlines()[0].split()[:2]
    source, _, number = place.rpartition(":")
    assert source == str(rest) and focus in rest.read_text("utf-8").splitlines()[int(number) - 1]
    mended = tmp_path / "mended.nq"
    mended.write_bytes(rest.read_bytes().replace(*reversed(WRONG)))
    again = cli("add", "--data", "desk", mended, folder=tmp_path)
    assert again.returncode == 0 and again.stdout.count("added") == 2


def test_a_refusal_in_a_large_file_names_the_line_of_the_whole_file(tmp_path: Path) -> None:
    path = corpus(tmp_path / "many.nq", 40, wrong=frozenset({3, 30}))
    quads = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"# river reports\n\n" + b"# and more\n".join(quads))
    lines = path.read_text("utf-8").splitlines()
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        outcomes = load(kg, path, path)
        faults = [each.fault for each in outcomes if isinstance(each.fault, Refused)]
        assert len(faults) == 4
        for fault in faults:
            for result in fault.report.results:
                assert result.line and result.source == str(path)
                assert all(word in lines[result.line - 1] for word in (result.focus, result.path))


def test_a_refusal_in_a_large_trig_file_names_the_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.bulk.parcels._SPLIT_BYTES", 1000)
    quads = parse(corpus(tmp_path / "two.nq", 2, wrong=frozenset({2})).read_bytes(), NQUADS.rdf)
    path = tmp_path / "two.trig"
    path.write_bytes(dumps(quads, TRIG))
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        fault = next(each.fault for each in load(kg, path) if isinstance(each.fault, Refused))
        assert {(each.source, each.line) for each in fault.report.results} == {(str(path), None)}


def test_all_or_nothing_stores_nothing_if_one_is_refused(tmp_path: Path) -> None:
    cli("init", "desk", folder=tmp_path)
    path = corpus(tmp_path / "three.nq", 3, wrong=frozenset({2}))
    refused = cli("add", "--data", "desk", "--all-or-nothing", path, folder=tmp_path)
    assert refused.returncode == 1 and "Nothing was stored" in refused.stderr
    assert '"statements": 0' in cli("stats", "--data", "desk", "--json", folder=tmp_path).stdout
    sound = corpus(tmp_path / "sound.nq", 3)
    assert cli("add", "--data", "desk", "--all-or-nothing", sound, folder=tmp_path).returncode == 0
    log = cli("log", "--data", "desk", folder=tmp_path).stdout
    assert log.count("added") == 3


def test_a_request_that_was_torn_in_the_log_is_not_half_replayed(tmp_path: Path) -> None:
    folder = graph.create(tmp_path / "desk", BASE)
    path = corpus(tmp_path / "three.nq", 3)
    with graph.open(folder) as kg:
        kg.add(RIVER)
        kg.writer.write(kg.reader.read_all_file(path))
    log = folder / "journal.log"
    lines = log.read_bytes().splitlines(keepends=True)
    assert len(lines) == 4
    for kept in (b"".join(lines[:3]), b"".join(lines[:2]) + lines[2][:50]):
        log.write_bytes(kept)
        with graph.open(folder, read_only=True) as kg:
            assert [write.revision for write in kg.history()] == [1]


def test_ctrl_c_stops_in_good_order_and_the_same_command_goes_on(tmp_path: Path) -> None:
    cli("init", "desk", folder=tmp_path)
    path = corpus(tmp_path / "many.nq", 150)
    in_small_groups = (
        "from graph.bulk import loader; loader._GROUP_BYTES = 2_000_000; "
        "from graph.cli import run; run()"
    )
    command = [sys.executable, "-c", in_small_groups, "add", "--data", "desk", str(path)]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what it runs in the background with Ctrl-C ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    log = tmp_path / "desk" / "journal.log"
    deadline = time.monotonic() + 60
    while log.stat().st_size == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "Give the same command again" in said, said
    with graph.open(tmp_path / "desk") as kg:
        stored = kg.stats()["sources"]
        assert 0 < stored < 150 and kg.astray() == []
    again = cli("add", "--data", "desk", path, folder=tmp_path)
    assert again.returncode == 0
    assert f"{stored} unchanged" in again.stderr and f"{150 - stored} added" in again.stderr


def test_an_export_is_loaded_again_in_bulk_without_loss(tmp_path: Path) -> None:
    path = corpus(tmp_path / "many.nq", 40)
    with graph.open(graph.create(tmp_path / "one", BASE)) as kg:
        load(kg, path)
        before = content(kg)
        for form in (NQUADS, TRIG):
            exported = tmp_path / f"export.{form.extension}"
            with exported.open("wb") as output:
                kg.export(output, form)
            with graph.open(graph.create(tmp_path / form.extension, BASE)) as other:
                assert states(load(other, exported)) == {"added": 40}
                assert content(other) == before


def test_another_writer_is_noticed_while_a_load_goes_on(tmp_path: Path) -> None:
    path = corpus(tmp_path / "many.nq", 40)
    label = '"Ida Brandt"@en'
    renamed = RIVER.read_text("utf-8").replace(label, '"Ida B."@en').replace(DIGEST, "f" * 12)
    with graph.open(graph.create(tmp_path / "desk", BASE)) as kg:
        outcomes = Loader(kg.writer, kg.reader, kg.texts).load([path])
        kg.add(kg.read(renamed.encode(), TURTLE))
        found = [*outcomes]
        assert not [each for each in found if each.receipt]
        assert all(
            isinstance(each.fault, Refused) and "label" in str(each.fault.report.results)
            for each in found
        )
