"""A stem is the unit of change: ontology, shapes and cases come together."""

from __future__ import annotations

import pytest
from conftest import ROOT

NOT_STEMS = {"ontology", "concepts", "predicates", "alignments", "bundle"}
STEMS = sorted(
    {path.stem for folder in ("ontology", "shapes") for path in (ROOT / folder).glob("*.ttl")}
    - NOT_STEMS
)


@pytest.mark.parametrize("stem", STEMS)
def test_a_stem_has_its_ontology_shapes_and_cases(stem: str) -> None:
    missing = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "ontology" / f"{stem}.ttl", ROOT / "shapes" / f"{stem}.ttl")
        if not path.exists()
    ]
    missing += [
        f"tests/cases/{stem}/{kind}-*.ttl"
        for kind in ("valid", "invalid")
        if not list((ROOT / "tests" / "cases" / stem).glob(f"{kind}-*.ttl"))
    ]
    assert not missing


def test_there_are_stems() -> None:
    assert {"statement", "attribution", "agent", "source", "event"} <= set(STEMS)
