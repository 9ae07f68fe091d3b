"""Weights in a file that was handed in beside the notebook, as the untrusted data that they are.

Nothing in such a file is ever unpickled by the grader. safetensors hold no code, and are read here; a file of
`torch.save` is read by the worker, beside the student's own code and under its limits, with ``weights_only=True``, and
what comes back is tensors. Every file that is no set of weights becomes a `CheckFailure` that says why:

    weights = read_checkpoint(student, "best.pt")
    model = load_checkpoint(student, student.SmallCNN(), weights)
    logits = student.define(PREDICT, "predict")(model, images)  # the labels stay here
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors

from grader.kit.failures import CheckFailure, StudentError
from grader.kit.messages import Message, tr, verbatim
from grader.kit.student import Remote, Student
from grader.kit.wording import type_label

MAX_BYTES: Final = 32 * 2**20
"""Of the file, and of all its tensors together: eight million float32 weights."""

MAX_TENSORS: Final = 1_000

_DTYPES: Final = frozenset(
    {torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.uint8, torch.bool}
)
"""Of weights and buffers (batch normalisation counts its batches in int64)."""

_READ: Final = """
def read_weights(content, most):
    import io

    loaded = torch.load(io.BytesIO(content.numpy().tobytes()), map_location="cpu", weights_only=True)
    if not isinstance(loaded, dict):
        raise TypeError(f"it holds a {type(loaded).__name__}, not a state_dict")
    tensors = [value for value in loaded.values() if isinstance(value, torch.Tensor)]
    if sum(value.numel() * value.element_size() for value in tensors) > most:
        raise MemoryError("its tensors are larger than the file")
    return dict(loaded)
"""

_LOAD: Final = """
def load_weights(model, weights):
    model.load_state_dict(weights)
"""


def read_checkpoint(student: Student, name: str, *, max_bytes: int = MAX_BYTES) -> dict[str, torch.Tensor]:
    """The weights in a file beside the notebook: in safetensors format, or of ``torch.save(model.state_dict(), …)``.

    Args:
        student: the notebook.
        name: the file's path, relative to the notebook's folder.
        max_bytes: of the file, and of its tensors together.

    Returns:
        The tensors by name, on the CPU: at most `MAX_TENSORS`, of the usual dtypes, all values finite.

    Raises:
        CheckFailure: there is no such file, or it holds anything else.
    """
    content = student.file(name, max_bytes=max_bytes)
    if content is None:
        raise CheckFailure(tr("There is no `{name}` beside the notebook.", name=name), hint=_how_to_save(name))
    weights = _read_safetensors(name, content) if content[8:9] == b"{" else _read_torch(student, name, content)
    if len(weights) > MAX_TENSORS:
        raise _unreadable(name, verbatim(f"{len(weights):,} tensors"))
    total = 0
    for key, value in weights.items():
        if not isinstance(key, str) or not isinstance(value, torch.Tensor):
            raise _unreadable(name, verbatim(f"{str(key)[:60]!r}: {type_label(value)}"))
        if value.dtype not in _DTYPES or value.device.type == "meta":
            raise _unreadable(name, verbatim(f"{key[:60]!r}: {value.dtype}"))
        total += value.numel() * value.element_size()
        if value.dtype.is_floating_point and not bool(value.isfinite().all()):
            raise CheckFailure(
                tr("`{name}` holds weights that are infinite or NaN: {key}", name=name, key=key[:60]),
                hint=tr("The training diverged before it was saved. Train again, with a smaller learning rate."),
            )
    if total > max_bytes:
        raise _unreadable(name, verbatim(_megabytes(total)))
    return dict(weights)


def load_checkpoint(student: Student, model: Remote, weights: Mapping[str, torch.Tensor]) -> Remote:
    """Puts weights into a model of the student's, and returns it.

    Args:
        student: the notebook.
        model: an `nn.Module` of the student's.
        weights: of its `state_dict`, by name, as `read_checkpoint` returns them.

    Raises:
        CheckFailure: they are another model's: names or shapes differ.
    """
    own = model.state_dict()
    if not isinstance(own, Mapping):
        raise CheckFailure(
            tr("state_dict() gives no dict: is the model an nn.Module?"), actual=verbatim(type_label(own))
        )
    missing, unknown = [key for key in own if key not in weights], [key for key in weights if key not in own]
    hint = tr("Was the class changed after its weights were saved? Train again and save again.")
    if missing or unknown:
        raise CheckFailure(
            tr("The weights in the file belong to another network: their names differ."),
            expected=verbatim(_some(list(own))),
            actual=verbatim(_some(list(weights))),
            hint=hint,
        )
    for key, value in own.items():
        if isinstance(value, torch.Tensor) and value.shape != weights[key].shape:
            raise CheckFailure(
                tr("The weights in the file belong to another network: `{key}` has another shape.", key=str(key)[:60]),
                expected=verbatim(str(tuple(value.shape))),
                actual=verbatim(str(tuple(weights[key].shape))),
                hint=hint,
            )
    student.define(_LOAD, "load_weights")(model, dict(weights))
    return model


def _read_safetensors(name: str, content: bytes) -> dict[str, torch.Tensor]:
    try:
        return load_safetensors(content)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, OverflowError) as error:
        raise _unreadable(name, verbatim(f"{type(error).__name__}: {error}"[:200])) from error


def _read_torch(student: Student, name: str, content: bytes) -> dict[str, Any]:
    """Lets the worker read a file of `torch.save`, after a look at the archive: it may unpack to no more than it is."""
    if content[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
            raise _unreadable(name, verbatim(str(error)[:200])) from error
        if sum(part.file_size for part in parts) > len(content) or len(parts) > 2 * MAX_TENSORS:
            raise _unreadable(name, verbatim(_megabytes(sum(part.file_size for part in parts))))
    raw = torch.frombuffer(bytearray(content), dtype=torch.uint8) if content else torch.empty(0, dtype=torch.uint8)
    try:
        loaded = student.define(_READ, "read_weights")(raw, MAX_BYTES)
    except StudentError as error:
        said = f"{error.type_name}: {error.message}".split("\n", 1)[0][:200]
        raise _unreadable(name, verbatim(said)) from error
    if not isinstance(loaded, dict):  # the worker is the student's as well
        raise _unreadable(name, verbatim(type_label(loaded)))
    return loaded


def _unreadable(name: str, actual: Message) -> CheckFailure:
    return CheckFailure(
        tr("`{name}` cannot be read as the weights of a network.", name=name), actual=actual, hint=_how_to_save(name)
    )


def _how_to_save(name: str) -> Message:
    return tr(
        'Save the weights alone, torch.save(model.state_dict(), "{name}"), and hand the file in with the notebook.',
        name=name,
    )


def _some(names: list[str]) -> str:
    shown = ", ".join(str(name)[:40] for name in names[:6])
    return f"{shown}, … ({len(names)})" if len(names) > 6 else shown or "–"


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"
