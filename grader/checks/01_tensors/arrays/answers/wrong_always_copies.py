"""torch.tensor copies, whatever share says."""
# hint: You copied: change a[0]
# pista: Has copiado: cambia a[0]


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    return torch.tensor(a)


def to_array(t: torch.Tensor) -> np.ndarray:
    return t.detach().numpy()
