"""What PyTorch's and Python's commonest error messages mean, in a student's words."""

from __future__ import annotations

import re
from typing import Final

from grader.testing.failures import StudentError, UndefinedNameError
from grader.testing.messages import Message, tr

_EXPLANATIONS: Final = [
    (r"view size is not compatible", tr("view needs a contiguous tensor, and a transpose is not one: reshape copies when it must.")),
    (r"Can't call numpy\(\) on Tensor that requires grad", tr("A tensor that autograd follows does not become an array: detach it first.")),
    (r"resize_ variables that require grad|a leaf Variable that requires grad.*in-place", tr("A leaf that requires a gradient cannot change in place: wrap the update in torch.no_grad(), or make a new tensor.")),
    (r"backward through the graph a second time", tr("backward frees the graph: pass retain_graph=True the first time, or compute the result again.")),
    (r"element 0 of tensors does not require grad", tr("Nothing in this result depends on a tensor with requires_grad=True: the graph was cut, or never begun.")),
    (r"grad can be implicitly created only for scalar", tr("The result has several values: reduce it to one (sum), or pass torch.ones_like(y).")),
    (r"[Oo]nly Tensors of floating point", tr("Only floating-point tensors have gradients: write 1. rather than 1, or give dtype=torch.float32.")),
    (r"mat1 and mat2 shapes cannot be multiplied|inconsistent tensor size|must match the size", tr("The inner dimensions do not agree: print both shapes; (n, k) @ (k, m) needs the same k.")),
    (r"The size of tensor a .* must match the size of tensor b", tr("The shapes do not broadcast: align them from the right; each pair of sizes must be equal or 1.")),
    (r"shape '.*' is invalid for input of size", tr("The new shape holds another number of elements than the tensor.")),
    (r"Boolean value of Tensor with (more than one|no) value", tr("if, and, or and not want one truth value: for whole tensors use &, | and ~, or torch.where.")),
    (r"only one element tensors can be converted|only integer tensors of a single element|a Tensor with \d+ elements cannot be converted", tr("Only a tensor with one value becomes a Python number.")),
    (r"expected (m1 and m2|scalar type|dtype|both)|same dtype", tr("Two tensors differ in dtype: print both, and convert one with .to(…).")),
    (r"\"?rand\"? not implemented|\"normal_kernel_cpu\" not implemented|\"check_uniform_bounds\" not implemented|not implemented for '(Long|Int|Bool|Byte)'", tr("This operation wants a floating-point tensor: give a floating dtype=.")),
    (r"mean\(\): could not infer output dtype", tr("The mean of whole numbers has no dtype: convert with .float() first.")),
    (r"too many indices|Dimension out of range", tr("The tensor has fewer dimensions than the code uses: print x.shape.")),
    (r"index \d+ is out of bounds", tr("An index is beyond the end: counting begins at 0, and sizes come from x.shape.")),
    (r"same device|two devices", tr("Tensors lie on different devices: move them with .to(x.device).")),
    (r"missing \d+ required positional argument|takes \d+ positional argument|unexpected keyword argument", tr("The function's parameters are not the ones of the exercise: keep the first line as it was given.")),
    (r"'NoneType' object", tr("Something is None: often a function without return, or a .grad before backward.")),
    (r"maximum recursion depth", tr("The function calls itself without end.")),
]  # fmt: skip


def explain(error: StudentError) -> Message | None:
    """What a student should make of the error, where its message is a known one."""
    if isinstance(error, UndefinedNameError):
        return tr(
            "Run the cell that defines it, and keep the name of the exercise; an error above it stops it from being defined."
        )
    if error.type_name == "NameError":
        return tr("A name is used that nothing defines: look for a typo, or for an import that is missing.")
    for pattern, explanation in _EXPLANATIONS:
        if re.search(pattern, error.message):
            return explanation
    return None
