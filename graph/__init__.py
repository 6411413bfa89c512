"""Ascribe: who said what, according to whom.

>>> import graph
>>> kg = graph.open()          # in memory; graph.open("desk") opens a folder
>>> kg.query("ASK { ?s a asc:Statement }").rows
((False,),)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from graph.errors import GraphError, Refused
from graph.files import VERSION
from graph.settings import Settings

if TYPE_CHECKING:
    from graph.kg import KnowledgeGraph, create
    from graph.kg import open_dataset as open  # noqa: A004 (graph.open reads as a sentence)
    from graph.tables import Table

__all__ = ["GraphError", "KnowledgeGraph", "Refused", "Settings", "Table", "create", "open"]
__version__ = VERSION


def __getattr__(name: str) -> Any:
    """What needs all of the package, once it is asked for: it takes half a second to
    import, and a process that answers queries has no use for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("graph.kg"), "open_dataset" if name == "open" else name)
