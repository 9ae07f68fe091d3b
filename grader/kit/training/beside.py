"""What the laboratory runs beside the student's code: functions sent by their source, which import what they use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch


def training_lab(
    train_images: torch.Tensor,
    train_labels: torch.Tensor,
    val_images: torch.Tensor,
    val_labels: torch.Tensor,
    weights: Mapping[str, torch.Tensor],
    batch_size: int = 4,
    shuffle: bool = False,
    dropout: float = 0.0,
    norm: bool = False,
) -> Any:
    """A model and two loaders that note what is done with them; sent by its source."""
    import io
    import os
    import tempfile
    from functools import cached_property

    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    log: list[Any] = []
    saved: list[tuple[int, bytes]] = []
    paths: list[str] = []

    def note_file() -> None:
        """What lies at `path` before a forward pass, where it changed."""
        if paths and os.path.exists(paths[0]):  # noqa: PTH110
            with open(paths[0], "rb") as file:  # noqa: PTH123
                content = file.read()
            if not saved or saved[-1][1] != content:
                saved.append((len(log), content))

    def flat(state: Any) -> torch.Tensor:
        return torch.cat([tensor.detach().double().flatten() for tensor in state.values()])

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            hidden, features = weights["hidden.weight"].shape
            self.hidden = nn.Linear(features, hidden)
            self.norm = nn.BatchNorm1d(hidden) if norm else nn.Identity()
            self.dropout = nn.Dropout(dropout)
            self.output = nn.Linear(hidden, weights["output.weight"].shape[0])
            self.load_state_dict(dict(weights), strict=False)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            grad_enabled = torch.is_grad_enabled()
            pixels = images.flatten(1)
            note_file()
            with torch.no_grad():
                seen = pixels[:, 0].round().long().cpu()
                log.append((self.training, grad_enabled, seen, flat(self.state_dict()).cpu()))
            hidden = self.norm(torch.tanh(self.hidden(pixels[:, 1:])))
            logits: torch.Tensor = self.output(self.dropout(hidden))
            return logits

    class Bench:
        """What `Lab` reads: attributes alone, so that the latest call stays the student's."""

        def __init__(self) -> None:
            self.model = Model()
            train, val = TensorDataset(train_images, train_labels), TensorDataset(val_images, val_labels)
            self.train_loader = DataLoader(train, batch_size=batch_size, shuffle=shuffle)
            self.val_loader = DataLoader(val, batch_size=batch_size)
            self.loss_fn = nn.CrossEntropyLoss()

        def adam(self, lr: float) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.model.parameters(), lr=lr)

        @cached_property
        def folder(self) -> Any:
            return tempfile.TemporaryDirectory()

        @property
        def path(self) -> str:
            paths[:] = [os.path.join(self.folder.name, "checkpoints", "best.pt")]  # noqa: PTH118
            return paths[0]

        @property
        def log(self) -> list[Any]:
            return list(log)

        @property
        def weights(self) -> torch.Tensor:
            return flat(self.model.state_dict())

        @property
        def training(self) -> bool:
            return self.model.training

        @property
        def devices(self) -> list[str]:
            return sorted({getattr(tensor, "_pretended", "cpu") for tensor in self.model.parameters()})

        @property
        def saves(self) -> list[Any]:
            states = [(number, torch.load(io.BytesIO(content), weights_only=True)) for number, content in saved]
            return [(number, flat(state)) for number, state in states]

        @property
        def checkpoint(self) -> Any:
            return torch.load(self.path, weights_only=True)

    return Bench()


def pretending(function: Callable[..., Any], pretended: str = "cuda:0") -> Callable[..., Any]:
    """`function` in a world with a device `pretended`: tensors have data, and devices do not mix; sent by source.

    Fake tensors have no data, and training code asks for it (``loss.item()``). Here every tensor lies on the CPU and
    carries the name of the device that it would lie on; whatever moves a tensor changes the name, and whatever mixes
    two names raises what PyTorch raises.
    """
    import functools

    import torch
    from torch.overrides import TorchFunctionMode

    kind: Any = torch.Tensor
    moves = {kind.to, kind.cuda, kind.cpu}
    sets_data, compares_kinds = kind.data.__set__, torch._has_compatible_shallow_copy_type
    mixes = {kind.copy_, kind.__setitem__, kind.grad.__set__, sets_data, compares_kinds}
    indexes = {kind.__getitem__}
    leaves_torch = {kind.numpy, kind.__array__}

    def place(tensor: torch.Tensor) -> str:
        return str(getattr(tensor, "_pretended", "cpu"))

    def tensors(value: Any) -> list[torch.Tensor]:
        if isinstance(value, torch.Tensor):
            return [value]
        if isinstance(value, dict):
            value = list(value.values())
        return [tensor for item in value for tensor in tensors(item)] if isinstance(value, list | tuple) else []

    def mark(value: Any, device: str) -> Any:
        for tensor in tensors(value):
            tensor._pretended = device  # type: ignore[attr-defined]
        return value

    def named(device: Any) -> str:
        device = torch.device(device) if not isinstance(device, int) else torch.device("cuda", device)
        return "cpu" if device.type == "cpu" else pretended

    def moved(operation: Any, tensor: torch.Tensor, args: Any, kwargs: Any) -> Any:
        if operation != kind.to:
            target, dtype = "cpu" if operation == kind.cpu else pretended, None
        else:
            other = args[0] if args else kwargs.get("other")
            if isinstance(other, torch.Tensor):
                target, dtype = place(other), other.dtype
            else:
                known = {name: value for name, value in kwargs.items() if name in ("device", "dtype")}
                device, dtype = torch._C._nn._parse_to(*args[:2], **known)[:2]
                target = place(tensor) if device is None else named(device)
        result = tensor if dtype is None else tensor.to(dtype)
        if result is tensor and target == place(tensor) and not kwargs.get("copy"):
            return tensor
        return mark(result.clone() if result is tensor else result, target)

    class Pretended(TorchFunctionMode):
        def __torch_function__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = dict(kwargs or {})
            if operation in moves:
                return moved(operation, args[0], args[1:], kwargs)
            if operation == kind.device.__get__:
                return torch.device(place(args[0]))
            if operation == kind.is_cuda.__get__:
                return place(args[0]).startswith("cuda")
            wanted = kwargs.pop("device", None)
            given = tensors(args[:1] if operation in indexes else args) + tensors(list(kwargs.values()))
            homes = {place(tensor) for tensor in given if tensor.ndim > 0 or place(tensor) != "cpu"}
            if operation in leaves_torch and homes - {"cpu"}:
                raise TypeError(
                    f"can't convert {pretended} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to"
                    " host memory first."
                )
            if operation in mixes:
                if operation == sets_data:
                    mark(args[0], place(args[1]))
                return operation(*args, **kwargs)
            if len(homes) > 1:
                raise RuntimeError(
                    "Expected all tensors to be on the same device, but found at least two devices,"
                    f" {pretended} and cpu!"
                )
            home = named(wanted) if wanted is not None else next(iter(homes), "cpu")
            return mark(operation(*args, **kwargs), home)

    @functools.wraps(function)
    def pretended_call(*args: Any, **kwargs: Any) -> Any:
        with Pretended():
            return function(*args, **kwargs)

    return pretended_call
