"""What a check found: the same facts for a terminal, JSON, SARIF and SHACL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from graph.vocab import SH, shorten

VIOLATION = SH.Violation.value
WARNING = SH.Warning.value


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands.

    Shape: `pointer` is the JSON pointer of an object or value in JSON-LD; with `near`
        the fault is somewhere in it.
    Units: line and column count from 1; None where they are not known.
    Source: RFC 6901 (JSON pointers).
    """

    line: int | None = None
    column: int | None = None
    pointer: str = ""
    near: bool = False

    def __str__(self) -> str:
        parts = [str(number) for number in (self.line, self.column) if number]
        somewhere = "somewhere in " if self.near else ""
        pointer = f" ({somewhere}{self.pointer})" if self.pointer else ""
        return ":".join(parts) + pointer


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Step:
    """Lines of a file to be replaced by other text.

    Units: lines count from 1; where `last` is before `first`, the text goes in
        between, and an empty text takes the lines out.
    """

    first: int
    last: int
    text: str

    def __str__(self) -> str:
        if self.last < self.first:
            return f"After line {self.last}, add:"
        lines = (
            f"line {self.first}"
            if self.first == self.last
            else f"lines {self.first} to {self.last}"
        )
        return f"Put this in place of {lines}:" if self.text else f"Remove {lines}."


@dataclass(frozen=True, slots=True)
class Fix:
    """What makes a message go away.

    Shape: `words` says it in a sentence; `steps` are what to paste where, empty for
        formats in which that cannot be said.
    """

    words: str
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        lines = [self.words]
        for step in self.steps:
            lines += [str(step), *(f"  {line}" for line in step.text.splitlines() if line)]
        return "\n".join(lines)

    def applied(self, text: str) -> str:
        """The file's text with this fix made."""
        lines = text.splitlines()
        for step in reversed(self.steps):
            lines[step.first - 1 : step.last] = step.text.splitlines()
        return "\n".join([*lines, ""])


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One rule broken at one place.

    Shape: `rule`, `focus`, `component` and `severity` are IRIs; `path` is the
        IRI of a property or None; `value` is a term in N-Triples syntax or None.
    Units: `line` counts from 1 in the file the bundle was read from.
    Source: SHACL, section 3.6.2 (validation results).
    """

    line: int | None
    rule: str
    focus: str
    path: str | None
    value: str | None
    component: str
    severity: str
    message: str
    source: str = ""
    where: Place = field(default=NOWHERE, compare=False)
    fix: Fix | None = field(default=None, compare=False)

    @property
    def is_violation(self) -> bool:
        """Whether this result keeps the bundle out."""
        return self.severity == VIOLATION

    @property
    def place(self) -> str:
        """`file:line:column`, or the file alone where the line is not known."""
        return f"{self.source}:{self.where}" if self.line else self.source

    def sentence(self, base: str = "") -> str:
        """The result as one line: where, which resource, what to do, which rule."""
        focus = self.focus.removeprefix(base) if base else self.focus
        path = shorten(self.path or "")
        where = "" if path in self.message else f" {path}"
        value = f" (found {self.value})" if self.value else ""
        return f"{self.place or '-'} {focus}{where}{value}: {self.message} [{shorten(self.rule)}]"


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one check; `conforms` if none is a violation."""

    results: tuple[Result, ...] = ()
    quotes_checked: int = 0
    quotes_unchecked: int = 0
    rules: int = field(default=0, compare=False)

    @property
    def conforms(self) -> bool:
        """Whether the bundle may be stored."""
        return not any(result.is_violation for result in self.results)

    @property
    def violations(self) -> tuple[Result, ...]:
        """The results that keep the bundle out."""
        return tuple(result for result in self.results if result.is_violation)

    @property
    def warnings(self) -> tuple[Result, ...]:
        """The results that should be mended and do not keep the bundle out."""
        return tuple(result for result in self.results if not result.is_violation)

    def summary(self) -> str:
        """One sentence that counts what was found.

        >>> Report().summary()
        'No problems.'
        """
        counts = []
        if self.violations:
            counts.append(count(len(self.violations), "problem"))
        if self.warnings:
            counts.append(count(len(self.warnings), "suggestion"))
        return f"{', '.join(counts) or 'No problems'}."

    def joined(self, other: Report) -> Report:
        """This report and another as one."""
        return Report(
            (*self.results, *other.results),
            self.quotes_checked + other.quotes_checked,
            self.quotes_unchecked + other.quotes_unchecked,
            max(self.rules, other.rules),
        )

    def at(self, source: str, places: Mapping[Result, Place | None]) -> Report:
        """The same report with each result's file and place filled in."""
        placed = []
        for result in self.results:
            place = places.get(result) or NOWHERE
            placed.append(replace(result, source=source, line=place.line, where=place))
        return replace(self, results=ordered(placed))


def ordered(results: Iterable[Result]) -> tuple[Result, ...]:
    """Results by line, then by resource and rule, each once."""
    return tuple(
        sorted(
            set(results),
            key=lambda r: (r.line or 0, r.focus, r.rule, r.path or "", r.value or ""),
        )
    )


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
