"""Every attack of the corpus comes to what its file says, and to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from tests.attacks.attack import Attack, attacks
from tests.attacks.isolated import Outcome, new_pool, problems, start_all

# One worker runs them all: the corpus has a pool of its own.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("attacks")]


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Outcome]]]:
    """The attacks that were chosen, being graded."""
    items = (item for item in request.session.items if getattr(item, "module", None) is request.module)
    chosen = [item.callspec.params["attack"] for item in items]
    pool = new_pool()
    yield start_all(pool, chosen)
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_attack(attack: Attack, running: dict[str, Future[Outcome]]) -> None:
    assert problems(attack, running[attack.name].result()) == []
