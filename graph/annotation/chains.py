"""Who is shown to say it, through whom: the hops of an annotation's chains."""

from __future__ import annotations

from typing import Any

from graph.annotation.cast import Cast
from graph.annotation.source import Source
from graph.annotation.table import Table
from graph.iris import content_of
from graph.model import Attribution, TextSpan
from graph.vocab import ASC

HOP_KEYS = frozenset(
    {"agent", "act", "cue", "words", "near", "occurrence", "addressee", "said_at", "capacity"}
)
_NARRATORS_ACT = {
    "DirectQuotation": "quotes",
    "BlockQuotation": "quotes",
    "MixedQuotation": "quotes",
    "IndirectSpeech": "reports",
    "SpeechActReport": "reports",
    "Paratext": "credits",
}
"""What the narrator does, by kind of statement; whatever is not here it asserts."""


class Chains:
    """Makes chains of hops, from the words outward to the narrator."""

    def __init__(self, file: Table, source: Source, cast: Cast) -> None:
        self.source = source
        self.cast = cast
        self._hops = file.named("hops", HOP_KEYS)

    def of(self, table: Table, kind: str, span: TextSpan) -> tuple[str, ...]:
        """The hops 0 of a statement whose words begin with `span`.

        Raises: AnnotationFault naming the statement, the hop and what was expected.
        """
        chains = table.items("chains") or [table.items("chain")]
        return tuple(sorted(self._chain(table, kind, chain, span) for chain in chains))

    def _chain(self, table: Table, kind: str, chain: list[Any], span: TextSpan) -> str:
        hops = [self._hop_table(table, number, item) for number, item in enumerate(chain)]
        if not hops or hops[-1].text("agent") != "narrator":
            act = _NARRATORS_ACT.get(kind, "asserts")
            if kind == "Presupposition":
                act = "reports" if hops else "presupposes"
            hops.append(Table({"agent": "narrator", "act": act}, table.where, HOP_KEYS))
        outward: str | None = None
        for hop in reversed(hops):
            outward = self._hop(hop, span, outward)
        assert outward is not None
        return outward

    def _hop_table(self, table: Table, number: int, item: object) -> Table:
        if not isinstance(item, str):
            return Table(item, f"{table.where}, chain, hop {number}", HOP_KEYS)
        if item not in self._hops:
            known = ", ".join(self._hops) or "none"
            raise table.fault("chain", f"no hop is called {item!r}; [hops.*] has {known}")
        return self._hops[item]

    def _hop(self, table: Table, span: TextSpan, relayed_by: str | None) -> str:
        cue, words = (
            self.cast.keep(self.source.point(table, key, span)) if key in table else None
            for key in ("cue", "words")
        )
        values: dict[str, Any] = {
            "agent": self.cast.iri(table.text("agent"), table, "agent"),
            "act": self.cast.concept(table, "act", "Act") or table.text("act"),
            "relayed_by": relayed_by,
            "cue_span": cue,
            "agent_span": words,
            "said_at": self.cast.maybe(table, "said_at"),
            "addressee": self.cast.iris(table, "addressee"),
            "capacity": self.cast.maybe(table, "capacity"),
        }
        iri = self.source.mint.attribution(self.source.sha256, *content_of(values))
        return self.cast.keep(Attribution(iri=iri, types=(ASC.Attribution.value,), **values))
