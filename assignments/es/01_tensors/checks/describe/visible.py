"""Cases of `describe` that students have."""

import pytest

from grader.kit import assert_inputs_unchanged, assert_keys, exercise

from .judges import FACTS, TENSORS, assert_facts


@exercise("describe", weight=3)
@pytest.mark.parametrize("key", FACTS)
def test_facts(student, key):
    """Each fact is right for a matrix, a 0-d tensor, an empty one, a 3-d one, booleans, and with gradients."""
    for x in TENSORS:
        assert_facts(student, x, key)


@exercise("describe")
def test_description_changes_nothing(student):
    """Describing a tensor leaves it as it was."""
    for x in TENSORS:
        assert_keys(student.describe(x), FACTS)
        assert_inputs_unchanged(student)
