"""Words as they are compared: without case, accents, vowel points or punctuation.

The same folding is done to what is stored, to what is looked for, and to what is
highlighted, so SQLite's tokenizer has no more to do than to split at spaces. Its own
folding knows Latin letters only; and of scripts without spaces it would make one long
word of each sentence, so each of their characters is a word here, and a longer word a
phrase.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

_POINTS = (
    *((0x0300, 0x036F), (0x0483, 0x0487), (0x0591, 0x05C7)),  # combining, Cyrillic, Hebrew
    *((0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670)),  # Arabic
    *((0x06D6, 0x06DC), (0x06DF, 0x06E8), (0x06EA, 0x06ED)),
)
"""Marks that many leave out when they write, and the stroke that lengthens an Arabic word."""

_UNSPACED = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF)),  # Thai, Lao, Burmese, Khmer
    *((0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF)),  # Japanese
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),  # Han
)
"""Scripts that put no spaces between words."""


class _Folding(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


def fold(text: str) -> str:
    """The words of a text with a space between them.

    >>> fold("The cease-fire in Besançon")
    'the cease fire in besancon'
    >>> fold("停火")
    '停 火'
    """
    return " ".join(text.translate(_FOLDING).split())


def marked(text: str, wanted: list[tuple[str, bool]]) -> list[tuple[int, int]]:
    """Where folded words stand in a text, in order, without overlap.

    Shape: each of `wanted` is one or more folded words, and whether the last is
        only the beginning of one.
    Units: code points from 0; the end is excluded.
    """
    parts = [_FOLDING[ord(character)] for character in text]
    words: list[tuple[str, int, int]] = []  # a word, its first character and the one after it
    apart = True  # whether the last letter became a word of its own, or a space
    for place, part in enumerate(parts):
        within = bool(words) and words[-1][2] == place and not apart and not part.startswith(" ")
        for piece in part.split():
            if within:
                words[-1] = (words[-1][0] + piece, words[-1][1], place + 1)
            else:
                words.append((piece, place, place + 1))
            within = False
        if part:
            apart = part.endswith(" ")
        elif words and words[-1][2] == place:  # a mark of the letter before it
            words[-1] = (words[-1][0], words[-1][1], place + 1)
    found: list[tuple[int, int]] = []
    for at in range(len(words)):
        ends = [_end(words, at, terms.split(), begins) for terms, begins in wanted]
        end = max(ends, default=0)
        if end and (not found or words[at][1] >= found[-1][1]):
            found.append((words[at][1], end))
    return found


def _end(words: list[tuple[str, int, int]], at: int, terms: list[str], begins: bool) -> int:
    """Where a phrase ends that begins at a word; 0 if none does."""
    here = [word for word, _, _ in words[at : at + len(terms)]]
    if len(here) < len(terms) or here[:-1] != terms[:-1]:
        return 0
    fits = here[-1].startswith(terms[-1]) if begins else here[-1] == terms[-1]
    return words[at + len(terms) - 1][2] if fits else 0


def _folded(character: str) -> str:
    if unicodedata.category(character) == "Cf":  # joiners, and marks of direction
        return ""
    spread = unicodedata.normalize("NFKD", character).casefold()
    kept = "".join(each for each in spread if not _is_in(_POINTS, each))
    whole = unicodedata.normalize("NFC", kept)
    words = "".join(each if unicodedata.category(each)[0] in "LNM" else " " for each in whole)
    return f" {words} " if _is_in(_UNSPACED, character) else words


def _is_in(ranges: tuple[tuple[int, int], ...], character: str) -> bool:
    place = bisect_right(ranges, (ord(character), 0x110000)) - 1
    return place >= 0 and ranges[place][0] <= ord(character) <= ranges[place][1]


_FOLDING = _Folding()
