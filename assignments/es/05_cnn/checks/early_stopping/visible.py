"""Cases of `early_stopping` that students have."""

import pytest

from grader.kit import exercise

from .judges import SEQUENCES, assert_early_stopping, assert_types_of_stopping


@exercise("early_stopping")
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_when_to_stop(student, sequence):
    """It stops after `patience` losses in a row without improvement, and remembers the best."""
    assert_early_stopping(student, *SEQUENCES[sequence], is_shown=True)


@exercise("early_stopping", weight=0.5)
def test_types_of_stopping(student):
    """Before the first loss best is infinity, and step returns a bool."""
    assert_types_of_stopping(student)
