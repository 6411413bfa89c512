"""SHACL Core as Python closures: shapes are compiled once and run over dicts.

>>> from graph.schema import shapes
>>> from graph.vocab import SH
>>> checker = compile_shapes(quad for quad in shapes() if quad.predicate != SH.sparql)
>>> [*checker.results([])]
[]
"""

from graph.errors import UnsupportedShape
from graph.shacl.checker import Checker, compile_shapes
from graph.shacl.shape import name_of
from graph.shacl.view import View

__all__ = ["Checker", "UnsupportedShape", "View", "compile_shapes", "name_of"]
