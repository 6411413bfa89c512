"""Build what pages load that others made: the query page's editor, and the fonts.

    python assets/build.py

Needs npm, and installs what the lock files name. Writes graph/web/static/vendor/ with the
licences of what is in it; all of it is committed, so that nobody needs Node to install or
run Ascribe. The first line of editor.js holds the digest of what it was built from, and
so does that of the fonts' licences.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parent / "graph" / "web" / "static" / "vendor"
LOCKED = ("package.json", "package-lock.json")
EDITOR = tuple(HERE / name for name in ("editor.js", *LOCKED))
FONTS = tuple(HERE / "fonts" / name for name in ("fonts.js", *LOCKED))
MOST_GZIPPED = 150_000
MOST_OF_A_FONT = 28_000


def digest(inputs: Iterable[Path]) -> str:
    """The SHA-256 of all that something is built from."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()


def main() -> None:
    """Build both."""
    TARGET.mkdir(exist_ok=True)
    for build, inputs in ((editor, EDITOR), (fonts, FONTS)):
        with tempfile.TemporaryDirectory() as scratch:
            for path in inputs:
                shutil.copy(path, scratch)
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=Path(scratch))
            build(Path(scratch))


def editor(folder: Path) -> None:
    """Bundle the editor, and gather the licences; esbuild is not in what it builds."""
    head = f"// Built from assets/, {digest(EDITOR)}; licences in editor.LICENSES.txt"
    run(
        *("npx", "esbuild", "editor.js", "--bundle", "--minify", "--format=iife"),
        *("--target=es2022", "--legal-comments=none", "--outfile=built.js", f"--banner:js={head}"),
        folder=folder,
    )
    built = (folder / "built.js").read_bytes()
    packed = len(gzip.compress(built, 9))
    assert packed <= MOST_GZIPPED, f"{packed} bytes compressed: more than {MOST_GZIPPED}"
    (TARGET / "editor.js").write_bytes(built)
    found = licences(folder / "node_modules", "[!.]*", but="esbuild")
    (TARGET / "editor.LICENSES.txt").write_text(found, "utf-8")
    print(f"editor.js: {len(built):,} bytes, {packed:,} compressed")


def fonts(folder: Path) -> None:
    """Cut the fonts to size, with their licences beside them."""
    run("node", "fonts.js", folder=folder)
    for path in sorted(folder.glob("*.woff2")):
        data = path.read_bytes()
        assert len(data) <= MOST_OF_A_FONT, f"{path.name} has {len(data):,} bytes"
        (TARGET / path.name).write_bytes(data)
        print(f"{path.name}?{hashlib.sha256(data).hexdigest()[:8]}: {len(data):,} bytes")
    found = licences(folder / "node_modules", "@fontsource-variable")
    head = f"Built from assets/fonts/, {digest(FONTS)}, by leaving out glyphs and weights\n\n"
    (TARGET / "fonts.LICENSES.txt").write_text(head + found, "utf-8")


def licences(modules: Path, below: str, but: str = "\0") -> str:
    """The licence of each package in some folders, one after the other."""
    found = {
        path.parent.relative_to(modules).as_posix(): path.read_text("utf-8").strip()
        for path in modules.glob(f"{below}/**/LICENSE*")
        if but not in path.parent.as_posix()
    }
    return "\n\n".join(f"== {name}\n\n{text}" for name, text in sorted(found.items())) + "\n"


def run(*command: str, folder: Path) -> None:
    """Run a command, or stop."""
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
