"""The command line as a user meets it: what it prints, and its exit code.

Each exit code, standard input, and whatever may leave a trace is tried in a process of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import EXAMPLE, RIVER, ROOT

from graph import cli

CASES = ROOT / "tests" / "cases"
VALID = CASES / "bundle" / "valid-river-report.ttl"
INVALID = CASES / "attribution" / "invalid-act-of-another-scheme.ttl"


def ascribe(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `ascribe` here, and give what it printed and its exit code."""
    with CliRunner().isolation() as (printed, said, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["ascribe", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.run()
        sys.stdout.flush()
        code = ended.value.code
        assert isinstance(code, int)
    texts = (each.getvalue().decode() for each in (printed, said))
    return subprocess.CompletedProcess(arguments, code, *texts)


def apart(*arguments: object, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    """Run `ascribe` as a process of its own, and give what it printed and its exit code."""
    return subprocess.run(
        [sys.executable, "-c", "from graph.cli import run; run()", *map(str, arguments)],
        input=stdin.decode() if stdin else None,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder that holds the article's statements; read it only."""
    folder = tmp_path_factory.mktemp("cli") / "desk"
    assert apart("init", folder).returncode == 0
    added = apart("add", "--data", folder, EXAMPLE)
    assert added.returncode == 0, added.stderr
    return folder


def test_a_new_dataset_takes_a_bundle_and_counts_it(desk: Path) -> None:
    counts = json.loads(ascribe("stats", "--data", desk, "--json").stdout)
    assert counts["sources"] == 1 and counts["statements"] > 40


def test_init_does_not_touch_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    run = ascribe("init", tmp_path)
    assert run.returncode == 2 and "not empty" in run.stderr


def test_a_valid_file_exits_0_and_says_how_many_rules_passed() -> None:
    run = apart("validate", VALID, "--text", RIVER)
    assert run.returncode == 0, run.stdout
    assert "rules passed" in run.stdout and "quotes checked" in run.stdout


def test_an_invalid_file_exits_1_and_names_line_rule_value_and_fix() -> None:
    run = apart("validate", INVALID)
    assert run.returncode == 1
    first = run.stdout.splitlines()[0]
    expected = INVALID.read_text("utf-8").splitlines()[0]
    line = expected.rpartition("line ")[2]
    rule = expected.split()[2]
    assert first.startswith(f"{INVALID}:{line}:"), first
    assert f"[{rule}]" in first


@pytest.mark.parametrize(
    ("form", "mark"),
    [
        ("json", '"conforms": false'),
        ("turtle", "sh:ValidationReport"),
        ("jsonld", "ValidationReport"),
        ("github", "::error file="),
        ("sarif", '"version": "2.1.0"'),
    ],
)
def test_a_report_is_written_in_each_form(form: str, mark: str) -> None:
    run = ascribe("validate", INVALID, "--format", form)
    assert run.returncode == 1 and mark in run.stdout


def test_standard_input_is_a_file_too() -> None:
    run = apart("validate", "-", "--input-format", "ttl", stdin=VALID.read_bytes())
    assert run.returncode == 0, run.stderr
    run = apart("validate", "-", stdin=VALID.read_bytes())
    assert run.returncode == 2 and "--input-format" in run.stderr


def test_unreadable_input_exits_2_with_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("<a> <b> ")
    run = apart("validate", broken)
    assert run.returncode == 2 and not run.stdout
    assert run.stderr.startswith(f"ascribe: {broken}:1") and run.stderr.count("\n") == 1


def test_of_many_files_the_good_ones_are_added(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    ascribe("init", folder)
    run = ascribe("add", "--data", folder, INVALID, VALID)
    assert run.returncode == 1
    assert "added" in run.stdout and "problem" in run.stderr
    assert json.loads(ascribe("stats", "--data", folder, "--json").stdout)["sources"] == 1


def test_a_command_without_a_dataset_says_how_to_name_one(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from graph.cli import run; run()", "stats"],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert run.returncode == 2 and "--data DIR" in run.stderr


def test_a_store_in_use_exits_3(tmp_path: Path) -> None:
    import graph

    folder = graph.create(tmp_path / "desk")
    with graph.open(folder):
        run = apart("add", "--data", folder, VALID)
        assert run.returncode == 3 and "in use" in run.stderr
        assert apart("stats", "--data", folder).returncode == 0, "reading goes on"


def test_a_named_query_answers_in_every_form(desk: Path) -> None:
    table = ascribe("query", "--data", desk, "--name", "tolls")
    assert table.returncode == 0 and "more than 60" in table.stdout
    rows = json.loads(ascribe("query", "--data", desk, "--name", "tolls", "--json").stdout)
    assert rows and "wording" in rows[0]
    csv = ascribe("query", "--data", desk, "--name", "tolls", "--format", "csv").stdout
    assert csv.splitlines()[0].startswith("speaker")


def test_a_query_from_a_file_and_from_standard_input(desk: Path, tmp_path: Path) -> None:
    text = (
        "PREFIX asc: <https://w3id.org/ascribe/ns#> SELECT (COUNT(?s) AS ?n) { ?s asc:source ?v }"
    )
    file = tmp_path / "count.rq"
    file.write_text(text)
    from_file = apart("query", "--data", desk, file, "--json").stdout
    from_stdin = apart("query", "--data", desk, "-", "--json", stdin=text.encode()).stdout
    assert json.loads(from_file) == json.loads(from_stdin) != []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--name", "nothing"), "no query named"),
        (("--name", "compatible_tolls", "--param", "toll=many"), "no integer"),
        (("--name", "compatible_tolls", "--param", "dead=3"), "no parameter $dead"),
        (("--name", "tolls", "--param", "x"), "NAME=VALUE"),
        ((), "--name QUERY"),
    ],
)
def test_a_wrong_query_call_says_what_was_expected(
    desk: Path, arguments: tuple[str, ...], words: str
) -> None:
    run = ascribe("query", "--data", desk, *arguments)
    assert run.returncode == 2 and words in run.stderr


def test_an_export_can_be_added_elsewhere_and_says_the_same(desk: Path, tmp_path: Path) -> None:
    dump = tmp_path / "dump.trig"
    assert ascribe("export", "--data", desk, "-o", dump).returncode == 0
    other = tmp_path / "other"
    ascribe("init", other)
    added = ascribe("add", "--data", other, dump)
    assert added.returncode == 0, added.stderr
    here, there = (
        sorted(ascribe("export", "--data", each, "--format", "nq").stdout.splitlines())
        for each in (desk, other)
    )
    assert here == there


@pytest.mark.parametrize("extension", ["ttl", "trig", "nt", "nq", "rdf", "jsonld"])
def test_show_prints_a_resource_in_each_format(desk: Path, extension: str) -> None:
    iri = json.loads(ascribe("query", "--data", desk, "--name", "tolls", "--json").stdout)[0]
    subject = iri.get("statement") or "agent/cnn-f2e80d"
    run = ascribe("show", subject, "--data", desk, "--format", extension)
    assert run.returncode == 0 and run.stdout.strip(), run.stderr


def test_show_of_nothing_exits_2(desk: Path) -> None:
    run = ascribe("show", "statement/nothing", "--data", desk)
    assert run.returncode == 2 and "Nothing is stored about" in run.stderr


def test_tokens_are_made_listed_and_revoked(desk: Path) -> None:
    made = ascribe("token", "create", desk, "--scope", "write", "--name", "desk-editor")
    assert made.stdout.startswith("asc_")
    assert made.stdout.strip() not in (desk / "tokens.json").read_text()
    assert "desk-editor" in ascribe("token", "list", desk).stdout
    assert ascribe("token", "revoke", desk, "desk-editor").returncode == 0
    assert "desk-editor" not in ascribe("token", "list", desk).stdout
    assert ascribe("token", "revoke", desk, "desk-editor").returncode == 2


def test_no_command_shows_a_stack_trace(tmp_path: Path) -> None:
    for arguments in (
        ("add", "--data", tmp_path / "none", VALID),
        ("serve", tmp_path / "none"),
        ("show", "x y", "--data", tmp_path),
        ("export", "--format", "docx"),
        ("annotate", VALID, "--text", RIVER),
        ("serve", tmp_path, "--port", "99999"),
    ):
        run = apart(*arguments)
        assert run.returncode == 2, arguments
        assert "Traceback" not in run.stderr, arguments


def test_an_export_of_two_sources_can_be_added_elsewhere(desk: Path, tmp_path: Path) -> None:
    here, there, dump = tmp_path / "here", tmp_path / "there", tmp_path / "dump.nq"
    apart("init", here)
    apart("init", there)
    assert apart("add", "--data", here, EXAMPLE, VALID).returncode == 0
    apart("export", "--data", here, "--format", "nq", "-o", dump)
    added = apart("add", "--data", there, dump)
    assert added.returncode == 0 and added.stdout.count(": added") == 2, added.stderr
    again = apart("export", "--data", there, "--format", "nq").stdout.splitlines()
    assert sorted(again) == sorted(dump.read_text("utf-8").splitlines())


def test_an_unreadable_file_does_not_keep_the_others_from_being_checked(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("<a> <b> ")
    run = ascribe("validate", broken, INVALID, VALID, "--format", "json")
    assert run.returncode == 2 and "broken.ttl" in run.stderr
    assert len(json.loads(run.stdout)["results"]) == 1


def test_the_log_lists_each_write_and_agrees_with_the_store(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    ascribe("init", folder)
    ascribe("add", "--data", folder, VALID)
    bundle = json.loads(ascribe("log", "--data", folder, "--json").stdout)[0]["bundle"]
    ascribe("retract", bundle, "--data", folder)
    rows = json.loads(ascribe("log", "--data", folder, "--json").stdout)
    assert [row["act"] for row in rows] == ["added", "retracted"]
    assert "against 2 writes" in ascribe("check", "--store", folder).stdout


def test_a_store_that_strays_from_its_log_is_found(tmp_path: Path) -> None:
    import pyoxigraph

    folder = tmp_path / "desk"
    ascribe("init", folder)
    ascribe("add", "--data", folder, VALID)
    node = pyoxigraph.NamedNode("http://e/planted")
    store = pyoxigraph.Store(str(folder / "store"))
    store.add(pyoxigraph.Quad(node, node, node, node))
    del store
    run = ascribe("check", "--store", folder)
    assert run.returncode == 1 and "planted" in run.stdout


def test_every_invalid_case_names_its_line_and_rule_and_exits_1() -> None:
    """All case files in one run, less those that speak of what is stored already."""
    elsewhere = re.compile("7292a3cc|0270da4d|# reader: refuses")  # tests/cases/store.ttl
    files = [
        path
        for path in sorted(CASES.glob("*/invalid-*.ttl"))
        if path.parent.name != "ontology" and not elsewhere.search(path.read_text("utf-8"))
    ]
    assert len(files) > 250
    run = apart("validate", *files, "--text", RIVER)
    assert run.returncode == 1 and not run.stderr
    missing = []
    for path in files:
        for line in path.read_text("utf-8").splitlines():
            if not line.startswith("# expect: "):
                continue
            rule, _, _, place = line.removeprefix("# expect: ").split(" | ")
            number = place.removeprefix("line ")
            where = f"{path}:{number}:" if number.isdigit() else f"{path} "
            if not any(
                each.startswith(where) and each.endswith(f"[{rule}]")
                for each in run.stdout.splitlines()
            ):
                missing.append((path.name, line))
    assert not missing
