"""as_tensor or a clone; to_array makes a copy."""


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    tensor = torch.as_tensor(a)
    if not share:
        tensor = tensor.clone()
    return tensor


def to_array(t: torch.Tensor) -> np.ndarray:
    return t.detach().clone().cpu().numpy()
