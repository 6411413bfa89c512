"""Our checker against pySHACL on spoilt bundles, for as long as you like.

python benchmarks/differential.py --cases 50000 --seed 1
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
from collections import Counter
from collections.abc import Iterable
from multiprocessing import Pool, cpu_count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from mutations import Fault, Row, bundles, is_excused, ours, pyshacls, spoil

from graph.report import VIOLATION

Outcome = tuple[str, int, tuple[Row, ...], tuple[Row, ...]]


def try_case(seed: int) -> Outcome:
    """Spoil one bundle as a seed says, and compare."""
    logging.disable(logging.CRITICAL)  # rdflib logs each ill-typed literal with a traceback
    draw = random.Random(seed)
    quads = draw.choice(bundles())
    number = draw.choice((1, 1, 2, 4))
    faults = [Fault(*(draw.randrange(10_000) for _ in range(4))) for _ in range(number)]
    spoilt = spoil(quads, faults)
    theirs = pyshacls(spoilt)
    if theirs is None:
        return "pySHACL fell over", seed, (), ()
    found = ours(spoilt)
    if found == theirs:
        return ("both find faults" if found else "both find none"), seed, (), ()
    if found > theirs and all(is_excused(row, spoilt) for row in found - theirs):
        verdict = "the same verdict" if _refuses(theirs) == _refuses(found) else "another verdict"
        return f"only ours names values without an order: {verdict}", seed, (), ()
    return "differ", seed, tuple(sorted(found - theirs)), tuple(sorted(theirs - found))


def _refuses(rows: Iterable[Row]) -> bool:
    return any(row[4] == VIOLATION for row in rows)


def main() -> int:
    """Run the cases and say how they ended; 1 if any differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    outcomes: Counter[str] = Counter()
    differences: Counter[tuple[str, str, str, str]] = Counter()
    with Pool(cpu_count()) as pool:
        seeds = range(options.seed, options.seed + options.cases)
        for outcome, seed, only_ours, only_theirs in pool.imap_unordered(try_case, seeds, 8):
            outcomes[outcome] += 1
            for whose, rows in (("ours", only_ours), ("pySHACL's", only_theirs)):
                for row in rows:
                    kind = (whose, row[3].rpartition("#")[2], row[2].rpartition("#")[2], row[5])
                    if not differences[kind]:
                        print(f"seed {seed}: only {whose}: {row[:6]}", flush=True)
                    differences[kind] += 1
    for name, number in outcomes.most_common():
        print(f"{number:>8,} {name}")
    return 1 if outcomes["differ"] else 0


if __name__ == "__main__":
    sys.exit(main())
