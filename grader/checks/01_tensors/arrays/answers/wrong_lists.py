"""A list forgets the dtype."""
# hint: The dtype changed on the way
# pista: El dtype ha cambiado por el camino


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    return torch.from_numpy(a) if share else torch.tensor(a)


def to_array(t: torch.Tensor) -> np.ndarray:
    return np.array(t.tolist())
