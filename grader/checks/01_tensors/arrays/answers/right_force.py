"""from_numpy of a copy; numpy(force=True)."""


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    return torch.from_numpy(a if share else a.copy(order="K"))


def to_array(t: torch.Tensor) -> np.ndarray:
    return t.numpy(force=True)
