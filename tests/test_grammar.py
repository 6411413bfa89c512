"""Threads that read SPARQL by rdflib's grammar at once do not spoil it for each other."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from graph.asking.harmless import is_harmless
from graph.grammar import InUse, turn

AT_ONCE = """
import sys, threading
sys.setswitchinterval(1e-6)
from graph.asking.harmless import is_harmless
from graph.update_request import operations_of, reaches_out

start, seen = threading.Barrier(6), []

def change(number):
    start.wait()
    for each in range(8):
        where = f'INSERT {{ ?s ?p {each} }} WHERE {{ ?s ?p "{number}"@en FILTER(?p > {each}) }}'
        seen.append(operations_of(where)[0].kind == "CHANGE")

def ask(number):
    start.wait()
    for each in range(8):
        is_harmless(f"SELECT ?a{number} {{ <urn:s> <urn:p{each}> ?a{number} }} LIMIT {each}")
        seen.append(not reaches_out(f'SELECT * {{ ?s ?p "SERVICE" FILTER(?s < {each}) }}'))

threads = [threading.Thread(target=act, args=(n,)) for n in range(3) for act in (change, ask)]
for each in threads: each.start()
for each in threads: each.join()
print(len(seen), all(seen))
"""


@pytest.mark.parametrize("attempt", range(3))
def test_threads_that_read_at_once_all_read_right(attempt: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=True
    )
    assert done.stdout == "48 True\n", done.stderr[-2_000:]


def test_a_look_up_does_not_wait_for_a_long_text() -> None:
    query = "SELECT ?nobody_asked_this { <urn:s> <urn:p> ?nobody_asked_this }"
    with turn():
        assert not is_harmless(query), "a worker is asked meanwhile"
        with pytest.raises(InUse), turn(wait=False):
            pass
    assert is_harmless(query), "that verdict was not kept"


def test_a_turn_ends_with_a_fault() -> None:
    with pytest.raises(ValueError), turn():
        raise ValueError
    taken = threading.Event()
    with turn(wait=False):
        taken.set()
    assert taken.is_set()
