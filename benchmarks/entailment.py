"""Our rules against other reasoners on generated bundles, and what storing more would cost.

    python benchmarks/entailment.py [--bundles 1000] [--by owlrl]

Holds what our rules say of each bundle equal to what owlrl says, or Pellet. Prints
first how many quads a bundle states, how many that follow are stored and how many
would be, and the time on a processor for each. Ends with 1 at a difference.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from closures import by_owlrl, by_pellet, by_rules
from corpus import BASE, Plan, sources

from graph.bundle import Bundle, make_bundle
from graph.reasoning import consequences, entail

REASONERS = {"owlrl": (by_owlrl, 10), "pellet": (by_pellet, 100)}
"""How to ask each, and for how many bundles at a time."""


def main() -> int:
    """Compare, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundles", type=int, default=1000)
    parser.add_argument("--by", choices=REASONERS, default="owlrl")
    options = parser.parse_args()
    reasoner, together = REASONERS[options.by]
    held = list(islice(bundles(), options.bundles))
    measure(held)
    for first in range(0, len(held), together):
        some = held[first : first + together]
        if differing := reasoner(some) ^ by_rules(some):
            print(f"{options.by} and our rules differ:", *map(str, differing), sep="\n")
            return 1
        print(f"{first + len(some):,} bundles entail by {options.by} what they do here", flush=True)
    return 0


def bundles() -> Iterator[Bundle]:
    """Generated bundles, each under a base of its own so that none names another's things."""
    number = 0
    while True:
        for source in sources(Plan(15, seed=number, base=f"{BASE}{number}/")):
            yield make_bundle(source.quads, f"{BASE}{number}/")
        number += 1


def measure(held: list[Bundle]) -> None:
    """What is stated, what is stored and what else follows, in quads and time."""
    for bundle in held:
        entail(bundle)  # facts are indexed once, for whoever asks first
    stated = sum(len(bundle.quads) for bundle in held)
    stored, stored_s = timed(held, entail)
    all_of_it, all_s = timed(held, consequences)
    each = 1000 / len(held)
    print(f"a bundle: {stated / len(held):.0f} quads stated")
    print(f"stored of what follows: {stored / stated:.0%} more, {stored_s * each:.2f} ms")
    print(f"all that follows: {all_of_it / stated:.0%} more, {all_s * each:.2f} ms")


def timed(held: list[Bundle], work: Callable[[Bundle], frozenset[object]]) -> tuple[int, float]:
    """How many quads the work gives for all bundles, and its seconds on a processor."""
    started = time.process_time()
    quads = sum(len(work(bundle)) for bundle in held)
    return quads, time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
