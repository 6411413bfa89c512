"""Our checker against pySHACL on spoilt bundles: a night's worth, or as many as you like.

    python benchmarks/differential.py --cases 50000 --seed 1

First every change that the shapes call for (tests/aims.py), then what Hypothesis
draws. Ends with 1 if the engines differ, the smallest case of each difference in
a file, or if a constraint was never broken.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import suite
from engines import Tally, missing, tallies


def main() -> int:
    """Run the cases and say what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=Path("differences.nq"))
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # rdflib logs each ill-typed literal with a traceback
    if suite.CORE.is_dir():
        print(suite.scores(), flush=True)
    tally, start, said = Tally(), time.monotonic(), 0.0
    for part in tallies(options.cases, options.seed, options.workers):
        tally.add(part)
        if part.differences:
            options.out.write_text("\n".join(tally.differences), encoding="utf-8")
            print(f"A difference, in its smallest case: {options.out}", flush=True)
        seconds = time.monotonic() - start
        if seconds - said > 60:
            said = seconds
            print(_progress(tally, seconds), flush=True)
    print(_progress(tally, time.monotonic() - start))
    print(_coverage(tally))
    return 1 if tally.differences or missing(tally) else 0


def _progress(tally: Tally, seconds: float) -> str:
    return (
        f"{tally.cases:,} cases in {seconds:,.0f} s ({tally.cases / seconds:,.1f}/s), "
        f"{tally.refused:,} with violations, {len(tally.differences):,} different"
    )


def _coverage(tally: Tally) -> str:
    rarest = sorted(tally.violated.items(), key=lambda item: item[1])[:1]
    lines = [
        f"{len(tally.violated):,} pairs of shape and component broken, the rarest {times:,} times"
        for _, times in rarest
    ]
    lines += [f"never broken: {pair}" for pair in missing(tally)]
    lines.append(f"{tally.excused:,} results differ where pySHACL is known not to be right")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
