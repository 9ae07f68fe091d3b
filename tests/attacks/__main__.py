"""Runs the corpus and prints what came of each attack: ``python -m tests.attacks [NAME …] [--plain] [--write]``."""

from __future__ import annotations

import argparse
import sys

from tests.attacks.attack import attacks
from tests.attacks.isolated import problems, run_all


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the attacks' names; all by default")
    parser.add_argument("--plain", action="store_true", help="run each attack against plain nbgrader as well")
    parser.add_argument("--write", action="store_true", help="write what came of both to docs/attacks.md")
    chosen = parser.parse_args()
    corpus = [item for item in attacks() if not chosen.names or any(part in item.name for part in chosen.names)]
    outcomes, failed = {}, 0
    for attack, outcome in run_all(corpus):
        outcomes[attack.name] = outcome
        found = problems(attack, outcome)
        failed += bool(found)
        verdicts = " ".join(sorted(outcome.verdicts))
        print(
            f"{attack.name:44} {outcome.score:5g} {verdicts:24} {outcome.seconds:6.1f} s  {'; '.join(found)}",
            flush=True,
        )
    print(f"{len(corpus)} attacks, {failed} of them not as expected")
    if chosen.plain or chosen.write:
        from tests.attacks.page import update_page
        from tests.attacks.plain import run_all_plain

        for attack, plain in run_all_plain(corpus):
            print(f"{attack.name:44} plain nbgrader: {plain.text}", flush=True)
            if chosen.write:
                update_page(attack, outcomes[attack.name], plain)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
