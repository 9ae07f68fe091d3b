"""The tensor is always float32."""
# hint: The dtype changed on the way
# pista: El dtype ha cambiado por el camino


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    tensor = torch.from_numpy(a) if share else torch.tensor(a)
    return tensor.float()


def to_array(t: torch.Tensor) -> np.ndarray:
    return t.detach().numpy()
