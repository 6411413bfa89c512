"""`ascribe check --store`: what it proves, and that it sees what is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BASE, RIVER, river
from pyoxigraph import Literal, NamedNode, Quad

import graph
from graph.formats import TURTLE
from graph.store.oxigraph import OxigraphStore
from graph.vocab import ASC, OA

CATALOG = NamedNode(BASE + "graph/catalog")
STRAY = Quad(CATALOG, ASC.tool, Literal("stray"), CATALOG)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = graph.create(tmp_path / "desk", BASE)
    with graph.open(made) as kg:
        kg.add(river(), form=TURTLE, text=RIVER.read_bytes())
        kg.add(river(1), form=TURTLE)
    return made


def check(folder: Path) -> tuple[int, str]:
    command = [Path(sys.executable).with_name("ascribe"), "check", "--store", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not [*folder.glob(".store-scratch-*")], "nothing is left behind"
    return done.returncode, done.stdout


def tamper(folder: Path, add: list[Quad], remove: list[Quad]) -> None:
    store = OxigraphStore.open(folder / "store")
    store.transact(add, remove)
    store.close()


def quads(folder: Path, predicate: NamedNode) -> list[Quad]:
    with graph.open(folder) as kg:
        return sorted(kg.store.match(None, predicate), key=str)


def test_it_says_what_it_compared(folder: Path) -> None:
    code, said = check(folder)
    assert code == 0
    assert re.search(r"[1-9]\d\d quads of 2 bundles against 2 writes", said), said
    assert re.search(r"18 quotes against 1 texts \(18 quotes have no text here\)", said), said


def test_whoever_waits_at_a_terminal_is_told_what_is_done(folder: Path) -> None:
    screen, terminal = os.openpty()
    command = [Path(sys.executable).with_name("ascribe"), "check", "--store", folder]
    subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True)
    os.close(terminal)
    said = os.read(screen, 10_000).decode()
    os.close(screen)
    steps = r"replaying the log.*\n.*comparing \d+ quads.*\n.*comparing quotes"
    assert re.search(steps, said), said


def test_a_quad_too_many_and_one_too_few_are_named(folder: Path) -> None:
    lost = quads(folder, OA.exact)[0]
    tamper(folder, [STRAY], [lost])
    code, said = check(folder)
    assert code == 1
    assert f"only in the store: {STRAY}" in said and f"only in the log: {lost}" in said


def test_a_great_many_faults_are_counted_and_the_first_told(folder: Path) -> None:
    tamper(folder, [], quads(folder, OA.exact))
    code, said = check(folder)
    assert code == 1 and said.count("only in the log") == 20 and "16 more" in said


def test_only_the_latest_of_the_stores_numbers_is_needed(folder: Path) -> None:
    numbers = quads(folder, ASC.revision)
    tamper(folder, [], numbers[:1])
    assert check(folder)[0] == 0


def test_words_that_do_not_stand_in_their_text_are_named(folder: Path) -> None:
    with graph.open(folder) as kg:
        [digest] = kg.texts.digests()
        (folder / "texts" / digest).write_bytes(RIVER.read_bytes().replace(b"the", b"teh"))
        faults = kg.prove().faults
    assert any("is damaged" in fault for fault in faults)


def test_a_quote_from_a_source_that_is_not_stored_is_named(folder: Path) -> None:
    with graph.open(folder) as kg:
        [quad] = [q for q in kg.store.match(None, ASC.sha256) if "49a1245337d2" in str(q.subject)]
        kg.store.transact(remove=[quad])
        faults = kg.prove().faults
    assert any("no such source is stored" in fault for fault in faults)
