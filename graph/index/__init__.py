"""A derived index: the words of statements, their facets, counts, and who disagrees.

folding    words as they are compared
wanted     what somebody looks for
entries    what is kept of a bundle, read from the store
told       what is kept of a bundle whole
tables     the file
writing    a source into the tables, and out
keeping    in step with the store
lists      what pages list
searching  asking
"""

from graph.index.entries import PEOPLE
from graph.index.keeping import Keeper
from graph.index.lists import LISTED, Listed, Lists, Mention, Opposed, Pair, Source
from graph.index.searching import Found, Hit, Searcher, Value
from graph.index.tables import Tables
from graph.index.wanted import FACETS, Wanted, wanted

__all__ = [
    "FACETS",
    "LISTED",
    "PEOPLE",
    "Found",
    "Hit",
    "Keeper",
    "Listed",
    "Lists",
    "Mention",
    "Opposed",
    "Pair",
    "Searcher",
    "Source",
    "Tables",
    "Value",
    "Wanted",
    "wanted",
]
