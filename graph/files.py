"""Where the files that travel with the code are: checkout, editable or wheel.

In a wheel `ontology/`, `shapes/` and `examples/` lie inside the package; in a
checkout they lie beside it.
"""

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
VERSION = "0.1.0"


@cache
def folder(name: str) -> Path:
    """The folder `name` that travels with the code.

    Raises: FileNotFoundError if neither the package nor its parent holds it,
        which means the installation is broken.
    """
    for parent in (PACKAGE, PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"{name}/ is neither in {PACKAGE} nor beside it. Reinstall ascribe.")


def ontology_dir() -> Path:
    """The ontology, one Turtle file per stem."""
    return folder("ontology")


def shapes_dir() -> Path:
    """The shapes, one Turtle file per stem."""
    return folder("shapes")


def examples_dir() -> Path:
    """The examples: bundles, annotations, texts."""
    return folder("examples")


def example_bundles() -> list[Path]:
    """The example bundles, each after those that it names."""
    return sorted(examples_dir().glob("*.trig"))


def queries_dir() -> Path:
    """The named SPARQL queries."""
    return folder("queries")
