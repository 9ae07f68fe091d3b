"""Counts instead of asking, and asks about the storage."""


def describe(x: torch.Tensor) -> dict[str, object]:
    shape = tuple(int(size) for size in x.size())
    numel = 1
    for size in shape:
        numel *= size
    facts = dict(ndim=len(shape), shape=shape, numel=numel)
    where = x.device.type if x.device.index is None else f"{x.device.type}:{x.device.index}"
    facts |= dict(dtype=x.dtype, device=where, requires_grad=bool(x.requires_grad))
    return facts
