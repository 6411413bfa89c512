"""A derived index: the words of statements, their facets, counts, and who disagrees.

folding    words as they are compared
wanted     what somebody looks for
entries    what is kept of a bundle, read from the store
tables     the file
writing    a source into the tables, and out
keeping    in step with the store
searching  asking
"""

from graph.index.keeping import Keeper
from graph.index.searching import LISTED, Found, Hit, Listed, Pair, Searcher, Source, Value
from graph.index.tables import Tables
from graph.index.wanted import FACETS, Wanted, wanted

__all__ = [
    "FACETS",
    "LISTED",
    "Found",
    "Hit",
    "Keeper",
    "Listed",
    "Pair",
    "Searcher",
    "Source",
    "Tables",
    "Value",
    "Wanted",
    "wanted",
]
