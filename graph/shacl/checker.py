"""The compiled shapes over data: which shapes concern a node, and what they find."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode, Quad

from graph.errors import UnsupportedShape
from graph.facts import Facts, Properties, Term
from graph.report import Result
from graph.shacl.compiler import Compiler
from graph.shacl.likeness import Likeness
from graph.shacl.shape import Shape
from graph.shacl.view import TYPE, Taxonomy, View
from graph.vocab import SH

_MAX_PLANS = 4096  # data picks its classes and properties, so a cache of them needs an end

Plan = tuple[Shape, ...]
Plans = dict[tuple[frozenset[Term], frozenset[NamedNode]], Plan]
Sound = dict[Hashable, Plan]
"""By what shapes see of a node in which they find nothing wrong: those that see more."""


@dataclass(slots=True)
class _Targets:
    """The targeted shapes, by what makes a node their focus."""

    classes: dict[Term, list[Shape]] = field(default_factory=dict)
    nodes: dict[Term, list[Shape]] = field(default_factory=dict)
    subjects_of: dict[NamedNode, list[Shape]] = field(default_factory=dict)
    objects_of: dict[NamedNode, list[Shape]] = field(default_factory=dict)

    def add(self, shape: Shape, node: Term, compiler: Compiler) -> None:
        """Note what a shape targets."""
        shapes = compiler.shapes
        own = (node,) if compiler.is_class(node) else ()
        for kind in {*shapes.values(node, SH.targetClass), *own}:
            self.classes.setdefault(kind, []).append(shape)
        for each in shapes.values(node, SH.targetNode):
            self.nodes.setdefault(each, []).append(shape)
        for predicate, found in (
            (SH.targetSubjectsOf, self.subjects_of),
            (SH.targetObjectsOf, self.objects_of),
        ):
            for each in shapes.values(node, predicate):
                if isinstance(each, NamedNode):
                    found.setdefault(each, []).append(shape)


class Checker:
    """Compiled shapes, to be run over any data.

    Shape: `unsupported` names the targeted shapes that could not be compiled
        and are not checked here.
    """

    def __init__(
        self, compiler: Compiler, vocabulary: Iterable[Quad], *, leave_out: bool = False
    ) -> None:
        self._targets = _Targets()
        self._parts: dict[Shape, Plan] = {}
        self.unsupported: dict[Term, UnsupportedShape] = {}
        for node in compiler.targeted():
            try:
                shape = compiler.compile(node)
            except UnsupportedShape as fault:
                if not leave_out:
                    raise
                self.unsupported[node] = fault
            else:
                self._targets.add(shape, node, compiler)
                self._parts[shape] = (*_parts(shape),)
        self._inverted = frozenset(compiler.inverted)
        self._vocabulary = View(vocabulary, inverted=self._inverted)
        self._plans: Plans = {}
        self._likeness = Likeness()
        every = {part for parts in self._parts.values() for part in parts}
        self._alike = frozenset([part for part in every if self._likeness.covers(part)])
        self._sound: Sound = {}

    def view(self, quads: Iterable[Quad], beside: Facts | None = None) -> View:
        """Data in the form that `results_in` reads, with the vocabulary behind it."""
        return View(quads, self._vocabulary, self._inverted, beside)

    def results(
        self, quads: Iterable[Quad], focus: Iterable[Term] | None = None
    ) -> Iterator[Result]:
        """What the shapes find wrong, each result as often as it is found.

        Shape: with `focus`, only about these nodes; else about all.
        """
        return self.results_in(self.view(quads), focus)

    def results_in(self, view: View, focus: Iterable[Term] | None = None) -> Iterator[Result]:
        """As `results`, over data that is a view already."""
        known = view.taxonomy is self._vocabulary.taxonomy
        plans, sound = (self._plans, self._sound) if known else ({}, {})
        shown = self._shown(view)
        kinds: dict[Term, int] = {}
        found: list[Result] = []
        for node in self._everything(view, shown) if focus is None else dict.fromkeys(focus):
            more = (*self._targets.nodes.get(node, ()), *shown.get(node, ()))
            if more:
                for shape in self._with(view, node, more):
                    shape.check(view, node, found)
                continue
            said = view.properties(node)
            if not said:
                continue
            like = self._likeness.of(view, node, said, kinds)
            plan = sound.get(like)
            if plan is None:
                whole = self._plan(view, said, plans)
                before = len(found)
                _run((part for part in whole if part in self._alike), view, node, said, found)
                plan = tuple(part for part in whole if part not in self._alike)
                if len(found) == before:
                    if len(sound) >= _MAX_PLANS:
                        sound.clear()
                    sound[like] = plan
            _run(plan, view, node, said, found)
        return iter(found)

    def _everything(self, view: View, shown: dict[Term, list[Shape]]) -> Iterable[Term]:
        return dict.fromkeys((*view.by_subject, *self._targets.nodes, *shown))

    def _shown(self, view: View) -> dict[Term, list[Shape]]:
        """The shapes that target a node as a value of some property."""
        found: dict[Term, list[Shape]] = {}
        for predicate, shapes in self._targets.objects_of.items():
            for node in view.objects_of(predicate):
                found.setdefault(node, []).extend(shapes)
        return found

    def _plan(self, view: View, said: Properties, plans: Plans) -> Plan:
        """The shapes that nodes with these classes and properties could break."""
        key = frozenset(said.get(TYPE, ())), frozenset(said)
        found = plans.get(key)
        if found is None:
            if len(plans) >= _MAX_PLANS:
                plans.clear()
            found = plans[key] = self._make_plan(*key, view.taxonomy)
        return found

    def _make_plan(
        self, kinds: frozenset[Term], predicates: frozenset[NamedNode], taxonomy: Taxonomy
    ) -> Plan:
        return tuple(
            part
            for shape in dict.fromkeys(self._chosen(kinds, predicates, taxonomy))
            for part in self._parts[shape]
            if part.may_fail_with(predicates)
        )

    def _with(self, view: View, node: Term, more: Iterable[Shape]) -> Iterable[Shape]:
        """All shapes that target a node, among them some that name it."""
        said = view.properties(node)
        chosen = self._chosen(said.get(TYPE, ()), said, view.taxonomy)
        return dict.fromkeys((*chosen, *more))

    def _chosen(
        self, kinds: Iterable[Term], predicates: Iterable[NamedNode], taxonomy: Taxonomy
    ) -> Iterator[Shape]:
        for kind in frozenset[Term]().union(*map(taxonomy.above, kinds)):
            yield from self._targets.classes.get(kind, ())
        for predicate in predicates:
            yield from self._targets.subjects_of.get(predicate, ())


def compile_shapes(
    quads: Iterable[Quad], vocabulary: Iterable[Quad] = (), *, leave_out: bool = False
) -> Checker:
    """A checker for the shapes in some quads.

    Shape: `vocabulary` is data that stays the same, such as an ontology's
        classes; it lies behind all data that is checked.
    Raises: UnsupportedShape for the first shape that cannot be compiled; with
        `leave_out`, such shapes are left out and named in `unsupported`.
    Source: SHACL, sections 2 to 4 (SHACL Core).
    """
    return Checker(Compiler(View(quads)), vocabulary, leave_out=leave_out)


def _run(
    plan: Iterable[Shape], view: View, node: Term, said: Properties, found: list[Result]
) -> None:
    """Add to `found` what some shapes find wrong with a node of which this is said."""
    for shape in plan:
        if shape.predicate is not None:
            shape.check_values(view, node, said.get(shape.predicate, ()), found)
        elif not shape.is_kept_by_all(view):
            shape.check(view, node, found)


def _parts(shape: Shape) -> Iterator[Shape]:
    """A node shape as its own conditions and its property shapes, one by one."""
    if shape.path is not None or not shape.active:
        yield shape
        return
    if shape.tests or shape.searches:
        yield replace(shape, properties=())
    yield from shape.properties
