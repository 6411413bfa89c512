"""What an export costs beside `oxigraph dump` of the same dataset.

    python benchmarks/export.py [--statements 1000] [--data DIR] [--forms nq trig csv]

Makes a dataset as `benchmarks/scale.py` does, or takes the one in `--data`, and has
`ascribe export` write it in each form and `oxigraph dump` (of the PyPI package
`oxigraph`) as N-Quads, each in a process of its own. Prints lines or rows a second, the
time on a processor, and the most memory held. The dump has all that is stored, what is
worked out too; an export what bundles state, shared things with each bundle that
describes them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from scale import grown

BESIDE = Path(sys.executable).with_name("oxigraph")


@dataclass(frozen=True)
class Cost:
    """What a program took, on the clock, on the processors and in memory."""

    lines: int
    wall_s: float
    cpu_s: float
    peak_mb: float

    def told(self) -> str:
        """The cost, in words."""
        rates = f"{self.lines / self.wall_s:,.0f} a second ({self.lines / self.cpu_s:,.0f} of CPU)"
        return (
            f"{self.lines:,} lines, {self.wall_s:.1f} s, CPU {self.cpu_s:.1f} s, {rates}, "
            f"{self.peak_mb:.0f} MB"
        )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=1000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--forms", nargs="+", default=["nq", "trig", "csv"])
    parser.add_argument("--peer", default=str(BESIDE) if BESIDE.exists() else "oxigraph")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = options.data or grown(Path(parent) / "desk", options.statements)
        theirs = None
        if shutil.which(options.peer):
            dump = [options.peer, "dump", "--location", str(folder / "store"), "--format", "nq"]
            theirs = cost(dump, Path(parent) / "out")
            print(f"oxigraph dump: {theirs.told()}")
        ascribe = [sys.executable, "-c", "from graph.cli import run; run()", "export"]
        for form in options.forms:
            ours = cost([*ascribe, "--data", str(folder), "--format", form], Path(parent) / "out")
            print(f"{form}: {ours.told()}")
            if theirs:
                wall, cpu = theirs.wall_s / ours.wall_s, theirs.cpu_s / ours.cpu_s
                print(f"  as fast as the dump by {wall:.2f} on the clock, {cpu:.2f} of CPU")


def cost(command: list[str], path: Path) -> Cost:
    """Run a program that writes to a file, and measure it."""
    started = time.perf_counter()
    with path.open("wb") as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    assert status == 0, command
    with path.open("rb") as written:
        lines = sum(block.count(b"\n") for block in iter(lambda: written.read(1 << 20), b""))
    path.unlink()
    return Cost(lines, wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
