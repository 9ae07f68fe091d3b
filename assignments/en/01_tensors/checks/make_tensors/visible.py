"""Cases of `make_tensors` that students have."""

from grader.kit import exercise

from .judges import assert_tensor_dtypes, assert_tensors


@exercise("make_tensors")
def test_tensors(student):
    """For n = 5 and for n = 2, the six tensors have the right shapes and values."""
    for n in (5, 2):
        assert_tensors(student.make_tensors(n), n)


@exercise("make_tensors")
def test_tensor_dtypes(student):
    """ints and nested hold whole numbers (int64); the others are float32."""
    for n in (4, 3):
        assert_tensor_dtypes(student.make_tensors(n), n)


@exercise("make_tensors")
def test_tensors_of_one_element(student):
    """For n = 1, as for n = 3, the vectors have one dimension and n elements."""
    for n in (1, 3):
        assert_tensors(student.make_tensors(n), n)
