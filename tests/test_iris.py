"""Minting: the same input gives the same IRI, and nothing else does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.iris import MAX_SLUG, Minter, content_of, digest, slug

SHA = "ab" * 32
HERE, THERE = Minter("http://127.0.0.1:8000/"), Minter("https://claims.example.org/kg/")


@given(st.lists(st.text()), st.lists(st.text()))
def test_different_parts_never_share_a_digest(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


@given(st.text())
def test_a_slug_is_ascii_short_and_never_empty(words: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(words))
    assert len(slug(words)) <= MAX_SLUG


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("U.S. Central Command", "us-central-command"),
        ("Da'esh", "daesh"),
        ("Straße nach Łódź", "strasse-nach-lodz"),
        ("Ελλάδα", "x"),
        ("a" * 50, "a" * 40),
        ("one two three four five six seven eight nine", "one-two-three-four-five-six-seven-eight"),
    ],
)
def test_a_slug_can_be_read(words: str, expected: str) -> None:
    assert slug(words) == expected


def _all_kinds(mint: Minter) -> list[str]:
    document = mint.document("A headline", SHA)
    agent = mint.agent("Reuters", "NewsOrganization")
    return [
        document,
        mint.version(document, SHA),
        agent,
        mint.statement(SHA, 3, 14, "agent", agent),
        mint.span(SHA, 3, 14),
        mint.attribution(SHA, "agent", agent),
        mint.time(SHA, "words", "now"),
        mint.activity(SHA, "ReviewActivity", agent),
        mint.assessment(SHA, "subject", agent),
        mint.proposition("agent", agent),
        mint.event("the flood", document),
        mint.place("the quay", document),
        mint.post("Mayor", agent),
        mint.membership("Mayor", agent),
        mint.concept("flood gate", document),
        mint.graph("entities"),
    ]


def test_hashes_do_not_depend_on_the_base() -> None:
    here = [iri.removeprefix(HERE.base) for iri in _all_kinds(HERE)]
    there = [iri.removeprefix(THERE.base) for iri in _all_kinds(THERE)]
    assert here == there


def test_every_kind_has_the_agreed_form() -> None:
    forms = [
        r"doc/a-headline-abababab",
        r"doc/a-headline-abababab/v/(ab){8}",
        r"agent/reuters-[0-9a-f]{6}",
        r"statement/(ab){6}/3-14-[0-9a-f]{8}",
        r"span/(ab){6}/3-14",
        r"attribution/(ab){6}/[0-9a-f]{10}",
        r"time/(ab){6}/[0-9a-f]{10}",
        r"activity/(ab){6}/[0-9a-f]{10}",
        r"assessment/(ab){6}/[0-9a-f]{10}",
        r"proposition/[0-9a-f]{16}",
        r"event/the-flood-[0-9a-f]{6}",
        r"place/the-quay-[0-9a-f]{6}",
        r"post/mayor-[0-9a-f]{6}",
        r"membership/mayor-[0-9a-f]{6}",
        r"concept/flood-gate-[0-9a-f]{6}",
        r"graph/entities",
    ]
    minted = [iri.removeprefix(HERE.base) for iri in _all_kinds(HERE)]
    for iri, form in zip(minted, forms, strict=True):
        assert re.fullmatch(form, iri), iri


def test_the_same_words_of_two_kinds_get_two_hashes() -> None:
    assert HERE.event("The flood")[-6:] != HERE.place("The flood")[-6:]


def test_content_is_named_so_that_fields_cannot_be_mistaken_for_each_other() -> None:
    assert content_of({"cause": "x"}) != content_of({"effect": "x"})
    assert content_of({"b": ("2", "3"), "a": "1", "c": None}) == ["a", "1", "b", "2", "b", "3"]
