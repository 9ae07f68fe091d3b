"""What PyTorch's and Python's commonest error messages mean, in a student's words."""

from __future__ import annotations

import re
from typing import Final

from grader.kit.failures import StudentError, UndefinedNameError
from grader.kit.messages import Message, tr

_ARGUMENTS: Final = r"missing \d+ required (positional|keyword-only) argument|takes .*positional argument|takes (exactly )?(one|no|\w+) arguments? \(|unexpected keyword argument"
"""A call does not fit the function that is called."""  # fmt: skip

_OTHERS_ARGUMENTS: Final = tr(
    "The function that this line calls takes other arguments: look at its help with a ? after its name."
)

NOBODY_DEBUGS: Final = tr(
    "A breakpoint() or pdb.set_trace() was left in your code, and nobody answers there: delete it."
)

_EXPLANATIONS: Final = [
    (r"view size is not compatible", tr("view needs a contiguous tensor, and a transpose is not one: reshape copies when it must.")),
    (r"Can't call numpy\(\) on Tensor that requires grad", tr("A tensor that autograd follows does not become an array: detach it first.")),
    (r"resize_ variables that require grad|a leaf Variable that requires grad.*in-place", tr("A leaf that requires a gradient cannot change in place: wrap the update in torch.no_grad(), or make a new tensor.")),
    (r"modified by an inplace operation", tr("backward needs a value that was overwritten: replace the in-place operation (+=, x[…] = …, add_) by one that makes a new tensor.")),
    (r"backward through the graph a second time", tr("backward frees the graph: pass retain_graph=True the first time, or compute the result again.")),
    (r"element 0 of tensors does not require grad", tr("Nothing in this result depends on a tensor with requires_grad=True: the graph was cut, or never begun.")),
    (r"grad can be implicitly created only for scalar", tr("The result has several values: reduce it to one (sum), or pass torch.ones_like(y).")),
    (r"Mismatch in shape: grad_output", tr("The weights given to backward must have the shape of the result: torch.ones_like(y).")),
    (r"appears to not have been used in the graph", tr("The result does not depend on this tensor: was it replaced by a copy on the way?")),
    (r"[Oo]nly Tensors of floating point", tr("Only floating-point tensors have gradients: write 1. rather than 1, or give dtype=torch.float32.")),
    (r"can't optimize a non-leaf Tensor", tr("An optimizer updates leaves: pass it the parameters themselves, not the result of an operation on them.")),
    (r"optimizer got an empty parameter list", tr("The model has no parameters: are its layers attributes (self.layer = …), and lists of them an nn.ModuleList?")),
    (r"cannot assign \w+ before Module.__init__", tr("Call super().__init__() on the first line of __init__, before any layer.")),
    (r'missing the required "forward" function', tr("The module has no forward: check its name and its indentation inside the class.")),
    (r"Error\(s\) in loading state_dict", tr("The weights are of another architecture: names and shapes of the parameters must agree.")),
    (r"to have \d+ channels, but got", tr("The layer expects another number of channels: print x.shape; images are (N, C, H, W).")),
    (r"Expected 3D \(unbatched\) or 4D", tr("A convolution wants images of shape (N, C, H, W): is the batch or the channel dimension missing?")),
    (r"Output size is too small|Kernel size can't be greater", tr("The image is smaller than the window that slides over it: print x.shape after each layer.")),
    (r"Expected more than 1 value per channel", tr("Batch normalisation cannot train on one example: use a larger batch, or eval().")),
    (r"Expected input batch_size", tr("Predictions and labels are not the same number: print both shapes.")),
    (r"multi-target not supported|expected target dtype|expected scalar type Long but found Float", tr("Labels are class numbers: one whole number (int64) for each example.")),
    (r"Target -?\d+ is out of bounds|Class values must be smaller", tr("A label is larger than the number of classes allows: labels go from 0 to classes - 1.")),
    (r"all elements of input should be between 0 and 1", tr("This loss wants probabilities: apply the sigmoid, or use the version of the loss that takes logits.")),
    (r"Sum of input lengths does not equal", tr("The parts do not add up to the whole: compute one size as the rest of the other.")),
    (r"The size of tensor a .* must match the size of tensor b", tr("The shapes do not broadcast: align them from the right; each pair of sizes must be equal or 1.")),
    (r"The expanded size of the tensor", tr("The value does not fit into the place that it is assigned or expanded to: print both shapes; images are (N, C, H, W).")),
    (r"mat1 and mat2 shapes cannot be multiplied|inconsistent tensor size|size mismatch, got|Expected size for first two dimensions of batch2", tr("The inner dimensions do not agree: print both shapes; (n, k) @ (k, m) needs the same k.")),
    (r"shape '.*' is invalid for input of size", tr("The new shape holds another number of elements than the tensor.")),
    (r"Sizes of tensors must match except in dimension|stack expects each tensor to be equal size", tr("The tensors to be joined differ in shape: cat allows that in its own dimension alone, stack nowhere.")),
    (r"non-empty (TensorList|list of Tensors)", tr("The list of tensors to be joined is empty.")),
    (r"expected sequence of length", tr("The rows of the list have different lengths: a tensor is a full rectangle.")),
    (r"The shape of the mask", tr("A mask needs the shape of the tensor that it selects from: print both shapes.")),
    (r"indexing tensors could not be broadcast", tr("Lists of indices are paired one by one, so they need equal lengths; a slice takes every combination.")),
    (r"Boolean value of Tensor with (more than one|no) value", tr("if, and, or and not want one truth value: for whole tensors use &, | and ~, or torch.where.")),
    (r"only one element tensors can be converted|only integer tensors of a single element|a Tensor with \d+ elements cannot be converted", tr("Only a tensor with one value becomes a Python number.")),
    (r"operator, (with two|on a) bool tensors?", tr("Masks are not subtracted: & is and, | is or, ~ is not.")),
    (r"expected (m1 and m2|scalar type|dtype|both)|same dtype", tr("Two tensors differ in dtype: print both, and convert one with .to(…).")),
    (r"result type .* can't be cast to the desired output type", tr("The result has decimals and its place holds whole numbers: convert the tensor to a floating dtype first.")),
    (r".?rand.? not implemented|.normal_kernel_cpu. not implemented|.check_uniform_bounds. not implemented|not implemented for '(Long|Int|Short|Char|Byte|Bool)'", tr("This operation wants a floating-point tensor: give a floating dtype=.")),
    (r"mean\(\): could not infer output dtype", tr("The mean of whole numbers has no dtype: convert with .float() first.")),
    (r"singular", tr("The matrix has no inverse: its rows (or columns) depend on one another.")),
    (r"too many indices|Dimension out of range|invalid index of a 0-dim|iteration over a 0-d|len\(\) of a 0-d|number of dimensions in the tensor input does not match|expects a tensor with <= 2 dimensions", tr("The tensor has fewer or more dimensions than the code counts on: print x.shape.")),
    (r"tuple index out of range", tr("The code counts on more dimensions than there are: what are the shapes of a 0-d tensor and of a vector?")),
    (r"selected index k out of range", tr("k is larger than the dimension that it chooses from.")),
    (r"index -?\d+ is out of (bounds|range)|(list|string) index out of range|index out of range in self|index -?\d+ out of range|out of range: tried to access index|exceeds dimension size", tr("An index is beyond the end: counting begins at 0, and sizes come from x.shape.")),
    (r"tensors used as indices must be|only integers, slices|Expected dtype int32/int64 for index", tr("Indices are whole numbers, or a mask of bool: convert them with .long().")),
    (r"cannot be interpreted as an integer|must be tuple of ints", tr("A size or a count must be a Python int: / gives decimals, // does not.")),
    (r"stride in the given numpy array is negative|negative strides", tr("PyTorch has no negative strides: copy the array first.")),
    (r"expected np\.ndarray|expected Tensor as element|must be Tensor, not", tr("A function of PyTorch got another kind of value (a list, an array, a text) where it takes a tensor: print type(…) of each.")),
    (r"same device|two devices", tr("Tensors lie on different devices: move them with .to(x.device).")),
    (r"Found no NVIDIA driver|not compiled with CUDA|CUDA-capable device", tr("This computer has no CUDA: ask torch.cuda.is_available() before using \"cuda\".")),
    (r"[Ss]ize mismatch between tensors", tr("The tensors of one data set need the same number of examples: print both shapes.")),
    (r"that is different to the input size", tr("Predictions and labels differ in shape: print both, and give both the same one.")),
    (r"cannot access local variable|referenced before assignment", tr("A variable is read before it has a value: is it assigned only inside an if or a loop, or assigned below the line that reads it?")),
    (r"does not support the (asynchronous )?context manager protocol|^__enter__$", tr("What stands after with is not a context: are its parentheses missing, as in with torch.no_grad():?")),
    (_ARGUMENTS, tr("The arguments are not the ones that the function takes: compare its first line with the call, and leave the first line of the exercise as it was given.")),
    (r"received an invalid combination of arguments|got multiple values for", tr("This function of PyTorch takes other arguments: look at its help with a ? after its name.")),
    (r"values to unpack|cannot unpack non-iterable", tr("The number of names on the left is not the number of values on the right: print the value first.")),
    (r"'NoneType'", tr("Something is None: often a function without return, or a .grad before backward.")),
    (r"object is not callable", tr("Something that is not a function is called: is a function's name used for a variable too?")),
    (r"module '.*' has no attribute|object has no attribute", tr("That name does not exist there: look for a typo, and print type(…) of what stands before the dot.")),
    (r"maximum recursion depth", tr("The function calls itself without end.")),
]  # fmt: skip


def explain(error: StudentError) -> Message | None:
    """What a student should make of the error, where its message is a known one."""
    if error.type_name == "BdbQuit":
        return NOBODY_DEBUGS
    if error.type_name == "NobodyToAskError":
        return tr("A function gets its values as arguments: delete input() from it.")
    if isinstance(error, UndefinedNameError) and error.frames:
        return tr(
            "Look at that line and at the one above it for a missing bracket, quote or colon, or for a wrong indentation;"
            " then run the cell again."
        )
    if isinstance(error, UndefinedNameError):
        return tr(
            "Run the cell that defines it, and keep the name of the exercise; an error above it stops it from being defined."
        )
    if error.in_own_words:
        return None
    if error.type_name == "NameError":
        return tr("A name is used that nothing defines: look for a typo, or for an import that is missing.")
    if error.frames and re.search(_ARGUMENTS, error.message):
        return _OTHERS_ARGUMENTS  # a line of the student's own calls something else; the check's call went through
    for pattern, explanation in _EXPLANATIONS:
        if re.search(pattern, error.message):
            return explanation
    return None
