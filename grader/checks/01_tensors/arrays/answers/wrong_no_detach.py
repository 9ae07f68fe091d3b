"""numpy() of a tensor that autograd follows."""
# hint: detach it first
# pista: primero detach


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    return torch.from_numpy(a) if share else torch.tensor(a)


def to_array(t: torch.Tensor) -> np.ndarray:
    return t.numpy()
