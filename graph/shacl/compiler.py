"""From a shapes graph to compiled shapes, each once."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pyoxigraph import NamedNode

from graph.errors import UnsupportedShape
from graph.facts import Term
from graph.report import VIOLATION
from graph.shacl import logic, sets, values
from graph.shacl.paths import MalformedPath, Path, compile_path
from graph.shacl.shape import Search, Shape, Test, name_of
from graph.shacl.site import Makers, Site, short
from graph.shacl.view import TYPE, View
from graph.vocab import RDFS, SH

MAKERS: Makers = {**values.MAKERS, **sets.MAKERS, **logic.MAKERS}

TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
_SILENT = frozenset(
    {
        *TARGETS,
        *(SH.path, SH.property, SH.minCount, SH.maxCount, SH.severity, SH.message, SH.deactivated),
        *(SH.name, SH.description, SH.order, SH.group, SH.defaultValue),
        *(SH.flags, SH.ignoredProperties, SH.qualifiedMinCount, SH.qualifiedMaxCount),
        *(SH.qualifiedValueShapesDisjoint, SH.prefixes),
    }
)
"""What stands on a shape and is no constraint by itself."""


class Compiler:
    """Compiles the shapes of one graph, each when first asked for."""

    def __init__(self, shapes: View) -> None:
        self.shapes = shapes
        self.inverted: set[NamedNode] = set()
        self._done: dict[Term, Shape] = {}
        self._open: list[Term] = []
        self._parameters = self._custom_parameters()

    def targeted(self) -> Iterator[Term]:
        """The shapes that have targets."""
        for node, held in self.shapes.by_subject.items():
            if any(each in held for each in TARGETS) or self.is_class(node):
                yield node

    def is_class(self, node: Term) -> bool:
        """Whether a shape is a class too, whose instances it targets.

        Source: SHACL, section 2.1.3.3 (implicit class targets).
        """
        shape = any(self.shapes.is_a(node, kind) for kind in (SH.NodeShape, SH.PropertyShape))
        return shape and self.shapes.is_a(node, RDFS.Class)

    def compile(self, node: Term) -> Shape:
        """The compiled shape.

        Raises: UnsupportedShape for constructs that are not in SHACL Core, for
            malformed ones and for recursion.
        """
        if node in self._open:
            raise UnsupportedShape(name_of(node), "a shape that leads back to itself")
        if node not in self._done:
            self._open.append(node)
            try:
                self._done[node] = self._compile(node)
            finally:
                self._open.pop()
        return self._done[node]

    def _compile(self, node: Term) -> Shape:
        path = self._path(node)
        site = Site(self.shapes, node, path, self.compile)
        shape = Shape(
            name_of(node) if isinstance(node, NamedNode) else str(node).removeprefix("_:"),
            path,
            self._severity(site),
            " ".join(sorted(site.literal(m, SH.message).value for m in site.values(SH.message))),
            active=not site.is_true(SH.deactivated),
        )
        if not shape.active:
            return shape
        self._refuse_unknown(site)
        shape.least, shape.most = self._bounds(site)
        made = [each for p, make in MAKERS.items() if site.values(p) for each in make(site)]
        shape.tests = tuple(each for each in made if isinstance(each, Test))
        shape.searches = tuple(each for each in made if isinstance(each, Search))
        shape.properties = tuple(map(self._property, site.values(SH.property)))
        return shape

    def _bounds(self, site: Site) -> tuple[int, int]:
        """How many value nodes there must and may be.

        Source: SHACL, section 4.2 (cardinality).
        """
        least, most = site.count(SH.minCount), site.count(SH.maxCount)
        return least or 0, sys.maxsize if most is None else most

    def _property(self, node: Term) -> Shape:
        if not self.shapes.values(node, SH.path):
            raise UnsupportedShape(name_of(node), "a value of sh:property without sh:path")
        return self.compile(node)

    def _path(self, node: Term) -> Path | None:
        given = self.shapes.values(node, SH.path)
        if not given:
            return None
        if len(given) > 1:
            raise UnsupportedShape(name_of(node), f"{len(given)} values of sh:path")
        try:
            path = compile_path(self.shapes, given[0])
        except MalformedPath as fault:
            raise UnsupportedShape(name_of(node), f"sh:path: {fault}") from None
        self.inverted |= path.inverted
        return path

    def _severity(self, site: Site) -> str:
        given = site.one(SH.severity)
        return site.iri(given, SH.severity).value if given is not None else VIOLATION

    def _refuse_unknown(self, site: Site) -> None:
        known = _SILENT | MAKERS.keys()
        for predicate in self.shapes.properties(site.node):
            if predicate in self._parameters:
                raise site.refuse(f"{short(predicate)}, of a constraint component of its own")
            if predicate.value.startswith(SH) and predicate not in known:
                raise site.refuse(f"{short(predicate)}, which is not in SHACL Core")

    def _custom_parameters(self) -> frozenset[NamedNode]:
        """The properties that constraint components of the graph declare."""
        return frozenset(
            path
            for node, held in self.shapes.by_subject.items()
            if SH.ConstraintComponent in held.get(TYPE, ())
            for parameter in held.get(SH.parameter, ())
            for path in self.shapes.values(parameter, SH.path)
            if isinstance(path, NamedNode)
        )
