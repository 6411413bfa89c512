"""Ascribe: who said what, according to whom.

>>> import graph
>>> kg = graph.open()          # in memory; graph.open("desk") opens a folder
>>> kg.query("ASK { ?s a asc:Statement }").rows
((False,),)
"""

from graph.errors import GraphError, Refused
from graph.files import VERSION
from graph.kg import KnowledgeGraph, Table, create
from graph.kg import open_dataset as open  # noqa: A004 (graph.open reads as a sentence)
from graph.settings import Settings

__all__ = ["GraphError", "KnowledgeGraph", "Refused", "Settings", "Table", "create", "open"]
__version__ = VERSION
