"""Build the query page's editor from editor.js and the packages of package-lock.json.

    python assets/build.py

Needs npm, and writes graph/web/static/vendor/editor.js with the licences of what is in it
beside it. Both are committed, so that nobody needs Node to install or run Ascribe. The
first line of editor.js holds the digest of what it was built from.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "graph" / "web" / "static" / "vendor"
INPUTS = ("editor.js", "package.json", "package-lock.json")
MOST_GZIPPED = 150_000


def digest() -> str:
    """The SHA-256 of all that the editor is built from."""
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in INPUTS)).hexdigest()


def main() -> None:
    """Install what the lock file names, bundle it, and gather the licences."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in INPUTS:
            shutil.copy(HERE / name, folder)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        run(
            [
                *("npx", "esbuild", "editor.js", "--bundle", "--minify", "--format=iife"),
                *("--target=es2022", "--legal-comments=none", "--outfile=built.js"),
                f"--banner:js=// Built from assets/, {digest()}; licences in editor.LICENSES.txt",
            ],
            folder,
        )
        TARGET.mkdir(exist_ok=True)
        built = (folder / "built.js").read_bytes()
        packed = len(gzip.compress(built, 9))
        assert packed <= MOST_GZIPPED, f"{packed} bytes compressed: more than {MOST_GZIPPED}"
        (TARGET / "editor.js").write_bytes(built)
        (TARGET / "editor.LICENSES.txt").write_text(licences(folder / "node_modules"), "utf-8")
        print(f"editor.js: {len(built):,} bytes, {packed:,} compressed")


def licences(modules: Path) -> str:
    """The licence of each package, one after the other; esbuild is not in what it builds."""
    found = {
        path.parent.relative_to(modules).as_posix(): path.read_text("utf-8").strip()
        for path in modules.rglob("LICENSE*")
        if "esbuild" not in path.parent.as_posix()
    }
    return "\n\n".join(f"== {name}\n\n{text}" for name, text in sorted(found.items())) + "\n"


def run(command: list[str], folder: Path) -> None:
    """Run a command, or stop."""
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
