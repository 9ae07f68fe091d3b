"""from_numpy or tensor; detach, then numpy."""


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    return torch.from_numpy(a) if share else torch.tensor(a)


def to_array(t: torch.Tensor) -> np.ndarray:
    return t.detach().numpy()
