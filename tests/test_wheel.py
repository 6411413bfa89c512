"""The wheel holds all that the code needs, and works where there is no checkout."""

from __future__ import annotations

import importlib.util
import os
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

HELD = {
    "server.py",
    "graph/parse_worker.py",
    *(
        f"graph/{folder}/{path.relative_to(ROOT / folder)}"
        for folder in ("ontology", "shapes", "examples")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    ),
    *(
        str(path.relative_to(ROOT))
        for folder in ("queries", "web/templates", "web/static", "web/words")
        for path in (ROOT / "graph" / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    ),
}


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command, away from the checkout and from settings of ours."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("ASCRIBE_", "PYTHON"))}
    return subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout; hatchling is fetched if it is not installed."""
    folder = tmp_path_factory.mktemp("wheel")
    here = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *here)
    built = run(*pip, "--wheel-dir", folder, ROOT, cwd=folder)
    found = list(folder.glob("ascribe-*.whl"))
    if built.returncode:
        pytest.skip(f"no wheel can be built here: {built.stderr.strip().splitlines()[-1]}")
    assert len(found) == 1, found
    return found[0]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that has the wheel and not the checkout.

    The packages it depends on are those of this environment, found by a .pth
    file; an editable install of the checkout among them comes after the wheel.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    install = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    done = run(*install, "--ignore-installed", "--prefix", folder, wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    (packages / "borrowed.pth").write_text("\n".join(site.getsitepackages()) + "\n", "utf-8")
    return folder / "bin"


def test_the_wheel_holds_every_file_that_is_read_at_run_time(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert not HELD - names


def test_the_wheel_holds_no_tests_and_no_caches(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
        strays = [name for name in archive.namelist() if "__pycache__" in name]
    assert {top for top in tops if not top.endswith(".dist-info")} == {"graph", "server.py"}
    assert not strays


def test_an_installed_wheel_says_its_version(installed: Path, tmp_path: Path) -> None:
    said = run(installed / "ascribe", "--version", cwd=tmp_path)
    assert said.returncode == 0 and said.stdout.startswith("ascribe, version "), said.stderr


def test_an_installed_wheel_is_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    said = run(
        installed / "python",
        "-c",
        "import server, graph; from graph.files import shapes_dir; "
        "print(server.__file__, graph.__file__, shapes_dir(), sep='\\n')",
        cwd=tmp_path,
    )
    assert said.returncode == 0, said.stderr
    for path in said.stdout.split():
        assert Path(path).is_relative_to(installed.parent), path


def test_an_installed_wheel_validates_its_own_example(installed: Path, tmp_path: Path) -> None:
    example = next(installed.parent.glob("lib/python*/site-packages/graph/examples/us-strike.trig"))
    checked = run(installed / "ascribe", "validate", example, cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "rules passed" in checked.stdout
