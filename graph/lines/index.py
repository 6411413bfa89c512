"""What is known of places: by triple, property and subject."""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.report import Place, Result


@dataclass
class LineIndex:
    """The place of each subject, property and triple; first mention wins."""

    subjects: dict[str, Place] = field(default_factory=dict)
    properties: dict[tuple[str, str], Place] = field(default_factory=dict)
    triples: dict[tuple[str, str, str], Place] = field(default_factory=dict)

    def place_of(self, result: Result) -> Place | None:
        """Where a reader should look: at the triple, the property or the subject."""
        focus, path, value = result.focus, result.path or "", result.value or ""
        return (
            self.triples.get((focus, path, value))
            or self.properties.get((focus, path))
            or self.subjects.get(focus)
        )

    def note(
        self, focus: str, path: str, value: str, here: Place, subject: Place | None = None
    ) -> None:
        """Note where a triple stands, and its subject where that stands elsewhere."""
        self.subjects.setdefault(focus, subject or here)
        self.properties.setdefault((focus, path), here)
        self.triples.setdefault((focus, path, value), here)
