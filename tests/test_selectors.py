"""Pointing at words: what is selected is what stands there, and one place only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import SelectorMismatch
from graph.selectors import CONTEXT, find, occurrences, select

TEXT = "The dam holds, the mayor said. The dam broke, the mayor’s deputy said."


@given(st.text(min_size=1), st.data())
def test_a_selector_gives_back_the_words_it_points_at(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    selector = select(text, text[start:end], start)
    assert text[selector.start : selector.end] == selector.exact
    around = selector.prefix + selector.exact + selector.suffix
    assert text[selector.start - len(selector.prefix) :].startswith(around)
    assert len(selector.prefix) == min(CONTEXT, start)
    assert len(selector.suffix) == min(CONTEXT, len(text) - end)


def test_offsets_count_code_points_not_bytes_or_utf_16_units() -> None:
    selector = select("🌊 came, é", "came", 2)
    assert (selector.start, selector.end) == (2, 6)


def test_composed_and_decomposed_letters_are_different_words() -> None:
    with pytest.raises(SelectorMismatch):
        find("cafe\u0301", "café")


@pytest.mark.parametrize("start", [-1, 1, 10_000])
def test_words_at_another_place_are_refused(start: int) -> None:
    with pytest.raises(SelectorMismatch, match="not 'The dam'"):
        select(TEXT, "The dam", start)


def test_words_that_are_not_there_name_their_look_alike() -> None:
    with pytest.raises(SelectorMismatch, match="look-alike is 'the mayor said"):
        find(TEXT, "the major said.")


def test_words_that_stand_twice_ask_which_is_meant() -> None:
    with pytest.raises(SelectorMismatch, match=r"\(0, 31\)\. Say at which it starts: near"):
        find(TEXT, "The dam")


def test_near_says_which_of_several_places_is_meant() -> None:
    assert find(TEXT, "The dam", near="The dam broke").start == 31


def test_near_must_itself_stand_in_one_place() -> None:
    with pytest.raises(SelectorMismatch, match="2 places"):
        find(TEXT, "dam", near="The dam")


def test_occurrence_counts_from_one() -> None:
    assert find(TEXT, "The dam", occurrence=2).start == 31
    with pytest.raises(SelectorMismatch, match="2 times, so there is no occurrence 3"):
        find(TEXT, "The dam", occurrence=3)


def test_overlapping_places_are_all_found() -> None:
    assert occurrences("aaaa", "aa") == [0, 1, 2]
