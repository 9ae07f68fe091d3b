"""Cases of `arrays` that students have."""

import torch

from grader.kit import assert_inputs_unchanged, exercise

from .judges import ARRAYS, WATCHED, assert_from_array, assert_sharing, assert_to_array


@exercise("arrays", weight=2)
def test_tensor_from_array(student):
    """from_array keeps values and dtype: float64, int32, float32."""
    for a in ARRAYS:
        assert_from_array(student, a, share=True)
        assert_from_array(student, a, share=False)


@exercise("arrays", weight=2)
def test_shared_memory(student):
    """With share=True, a write in the array is seen in the tensor, and the other way round."""
    assert_sharing(student, ARRAYS, share=True)


@exercise("arrays")
def test_separate_memory(student):
    """With share=False, each has memory of its own."""
    assert_sharing(student, ARRAYS, share=False)


@exercise("arrays")
def test_array_from_tensor(student):
    """to_array keeps values and dtype, and returns a NumPy array."""
    for a in ARRAYS:
        assert_to_array(student, torch.from_numpy(a))


@exercise("arrays")
def test_array_from_any_tensor(student):
    """to_array takes a tensor with gradient and a transposed one."""
    for t in WATCHED:
        assert_to_array(student, t)


@exercise("arrays", after=test_array_from_any_tensor)
def test_tensor_untouched(student):
    """to_array leaves the tensor as it was, requires_grad too."""
    for t in WATCHED:
        student.to_array(t)
        assert_inputs_unchanged(student)
