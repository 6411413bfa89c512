"""Backup and restore: what comes back is what was there, or nothing comes back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import BASE, RIVER, ROOT, river

import graph
from graph.backup import back_up, read_backup
from graph.errors import BadInput, Conflict, GraphError, NotFound, StoreFault
from graph.formats import TURTLE
from graph.kg import KnowledgeGraph, token_book
from graph.restore import restore


def content(folder: Path) -> set[str]:
    with graph.open(folder) as kg:
        return {str(quad) for quad in kg.store.match()}


def holding(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = graph.create(tmp_path_factory.mktemp("written") / "desk", BASE)
    with graph.open(made) as kg:
        kg.add(river(), form=TURTLE, text=RIVER.read_bytes())
        version = kg.add(river(1), form=TURTLE).bundle
        kg.retract(version)
        kg.add(river(1).replace(b"09:30:00Z", b"09:30:00.120Z"), form=TURTLE)
    token_book(made).create("write", "laptop")
    return made


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A dataset with four writes, a text and a token."""
    return shutil.copytree(written, tmp_path / "desk")


def test_what_is_restored_is_what_was_there(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    _, proof = restore(tmp_path / "backup", tmp_path / "again")
    assert (proof.writes, proof.texts, proof.found) == (4, 1, 0) and proof.checked > 0
    assert content(tmp_path / "again") == content(folder)
    for name in ("ascribe.json", "journal.log", "tokens.json"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    assert holding(tmp_path / "again" / "texts") == holding(folder / "texts")
    for made in (tmp_path / "backup", tmp_path / "again"):
        files = [path for path in made.rglob("*") if path.is_file() and "store" not in path.parts]
        assert {path.stat().st_mode & 0o077 for path in files} == {0}, "its owner's only"


def test_the_second_backup_copies_what_is_new(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    back_up(folder, target)
    text = next((target / "texts").iterdir())
    before = text.stat().st_mtime_ns, (target / "journal.log").stat().st_ino
    with graph.open(folder) as kg:
        kg.add(river(2), form=TURTLE)
        made = kg.backup(target)
    assert made.revision == 5
    assert (text.stat().st_mtime_ns, (target / "journal.log").stat().st_ino) == before
    assert (target / "journal.log").read_bytes() == (folder / "journal.log").read_bytes()
    restore(target, tmp_path / "again")
    assert content(tmp_path / "again") == content(folder)


def test_new_tokens_take_the_place_of_old_ones(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    token_book(folder).revoke("laptop")
    back_up(folder, tmp_path / "backup")
    assert len([*(tmp_path / "backup").glob("tokens-*")]) == 1
    restore(tmp_path / "backup", tmp_path / "again")
    assert token_book(tmp_path / "again").tokens() == []


def test_a_dataset_is_backed_up_while_it_is_written(folder: Path, tmp_path: Path) -> None:
    done = threading.Event()
    command = [sys.executable, "-c", "from graph.cli import run; run()", "backup"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def copy() -> None:
        subprocess.run([*command, str(folder), str(tmp_path / "b")], env=environment, check=True)
        done.set()

    with graph.open(folder) as kg:
        thread = threading.Thread(target=copy)
        thread.start()
        number = 2
        while not done.is_set() and thread.is_alive():
            kg.add(river(number), form=TURTLE)
            number += 1
        thread.join()
    assert done.is_set()
    back_up(folder, tmp_path / "b")
    _, proof = restore(tmp_path / "b", tmp_path / "again")
    assert proof.writes == number + 2


def test_a_backup_goes_back_to_an_earlier_revision(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    for revision, sources in ((0, 0), (2, 2), (3, 1)):
        made = tmp_path / str(revision)
        restore(tmp_path / "backup", made, revision)
        with graph.open(made) as kg:
            assert (kg.writer.revision(), kg.stats()["sources"]) == (revision, sources)
            assert kg.add(river(7), form=TURTLE).revision == revision + 1
    with pytest.raises(NotFound, match="no revision 9: it ends at 4"):
        restore(tmp_path / "backup", tmp_path / "9", 9)


def test_a_request_that_was_all_or_nothing_is_not_restored_by_half(
    folder: Path, tmp_path: Path
) -> None:
    with graph.open(folder) as kg:
        kg.writer.write([kg.read(river(n), TURTLE) for n in (5, 6, 7)])
        kg.backup(tmp_path / "backup")
    with pytest.raises(NotFound, match="all or nothing: name 7"):
        restore(tmp_path / "backup", tmp_path / "x", 6)
    restore(tmp_path / "backup", tmp_path / "x", 7)


def damage_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_tail(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 2)


@pytest.mark.parametrize("how", [damage_byte, cut_tail, Path.unlink])
@pytest.mark.parametrize("name", ["journal.log", "ascribe.json", "texts/*", "tokens-*", "backup.*"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(
    folder: Path, tmp_path: Path, name: str, how: object
) -> None:
    back_up(folder, tmp_path / "backup")
    [path] = (tmp_path / "backup").glob(name)
    how(path)  # type: ignore[operator]
    before = {*tmp_path.iterdir()}
    with pytest.raises(GraphError, match=r"is damaged: |it has no backup.json"):
        restore(tmp_path / "backup", tmp_path / "again")
    assert {*tmp_path.iterdir()} == before


def forge(target: Path, log: bytes) -> None:
    """Put another log in a backup, with the digest that goes with it."""
    (target / "journal.log").write_bytes(log)
    facts = json.loads((target / "backup.json").read_text())
    facts["files"]["journal.log"] = {
        "bytes": len(log),
        "sha256": hashlib.sha256(log).hexdigest(),
    }
    (target / "backup.json").write_text(json.dumps(facts))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:1] + lines[2:], "revision 3 where 2 was expected"),
        (lambda lines: [*lines[:3], lines[3].replace(b"added", b"addee", 1)], "ends at revision 3"),
        (lambda lines: [lines[0], lines[1].replace(b"added", b"addee", 1), *lines[2:]], "damaged"),
        (lambda lines: lines[:3], "ends at revision 3, and backup.json says 4"),
    ],
)
def test_each_line_of_the_log_is_checked_whatever_the_digest_says(
    folder: Path, tmp_path: Path, change: object, words: str
) -> None:
    target = tmp_path / "backup"
    back_up(folder, target)
    lines = (target / "journal.log").read_bytes().splitlines(keepends=True)
    forge(target, b"".join(change(lines)))  # type: ignore[operator]
    with pytest.raises(StoreFault, match=words):
        restore(target, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_name_that_leads_out_of_the_backup_is_refused(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    path = tmp_path / "backup" / "backup.json"
    path.write_text(path.read_text().replace("ascribe.json", "../desk/ascribe.json"))
    with pytest.raises(StoreFault, match="damaged"):
        restore(tmp_path / "backup", tmp_path / "again")


def test_a_target_that_holds_something_else_is_left_alone(folder: Path, tmp_path: Path) -> None:
    other = graph.create(tmp_path / "other", BASE)
    with graph.open(other) as kg:
        kg.add(river(8), form=TURTLE)
    back_up(other, tmp_path / "backup")
    before = holding(tmp_path / "backup"), holding(other)
    with pytest.raises(BadInput, match="something else than a backup"):
        back_up(folder, other)
    with pytest.raises(Conflict, match="backup of another dataset"):
        back_up(folder, tmp_path / "backup")
    with pytest.raises(BadInput, match="is not empty"):
        restore(tmp_path / "backup", folder)
    with pytest.raises(NotFound, match="is no backup"):
        restore(other, tmp_path / "again")
    with pytest.raises(NotFound, match="is no dataset"):
        back_up(tmp_path, tmp_path / "again")
    assert (holding(tmp_path / "backup"), holding(other)) == before


def test_a_dataset_whose_log_is_damaged_is_not_backed_up(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    with graph.open(folder) as kg:
        kg.add(river(2), form=TURTLE)
        kg.add(river(3), form=TURTLE)
    log = folder / "journal.log"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join([*lines[:4], lines[4].replace(b"added", b"addee", 1), lines[5]]))
    before = holding(tmp_path / "backup")
    with pytest.raises(StoreFault, match=r"holds what it held before.*damaged line"):
        back_up(folder, tmp_path / "backup")
    assert holding(tmp_path / "backup") == before


def test_a_damaged_text_is_named(folder: Path, tmp_path: Path) -> None:
    [text] = (folder / "texts").iterdir()
    damage_byte(text)
    with pytest.raises(StoreFault, match=f"text {text.name} is damaged"):
        back_up(folder, tmp_path / "backup")
    with graph.open(folder) as kg:
        assert f"the archived text {text.name} is damaged" in kg.prove().faults[0]


def test_a_backup_killed_at_any_moment_leaves_the_earlier_one_whole(
    folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    program = """
import os, signal, sys
from pathlib import Path
from graph.backup import back_up
steps = 0
def count(frame, event, argument):
    global steps
    steps += "graph/" in frame.f_code.co_filename
    if steps == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
sys.setprofile(count)
back_up(*map(Path, sys.argv[1:3]))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    back_up(folder, target)
    whole, step, killed = read_backup(target), 10, 0
    with graph.open(folder) as kg:
        kg.add(river(2), form=TURTLE)
    token_book(folder).create("write", "desktop")
    while True:
        copy = tmp_path / "copy"
        shutil.copytree(target, copy)
        command = [sys.executable, "-c", program, str(folder), str(copy), str(step)]
        ended = subprocess.run(command, env=environment, check=False).returncode
        held = read_backup(copy)
        if ended == 0:
            assert held.revision == 5
            break
        assert ended == -signal.SIGKILL and held.revision in (whole.revision, 5)
        if killed % 4 == 0:
            shutil.rmtree(tmp_path / "again", ignore_errors=True)
            restore(copy, tmp_path / "again")
        back_up(folder, copy)
        assert read_backup(copy).revision == 5 and not [*copy.rglob(".unfinished-*")]
        killed, step = killed + 1, step + 60
        shutil.rmtree(copy)
    assert killed > 3


def test_two_backups_at_once_do_not_mix(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "backup")
    program = "import fcntl, os, sys, time\nfd = os.open(sys.argv[1], os.O_RDONLY)\n"
    program += "fcntl.flock(fd, fcntl.LOCK_EX)\nprint(1, flush=True)\ntime.sleep(60)"
    command = [sys.executable, "-c", program, str(tmp_path / "backup")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(StoreFault, match="Another backup"):
            back_up(folder, tmp_path / "backup")
        other.kill()


def test_memory_alone_is_not_backed_up(kg: KnowledgeGraph, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="in memory only"):
        kg.backup(tmp_path / "backup")
