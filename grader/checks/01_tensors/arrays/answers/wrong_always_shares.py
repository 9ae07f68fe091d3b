"""from_numpy shares, whatever share says."""
# hint: Tensor and array are still the same memory
# pista: El tensor y el array siguen siendo la misma memoria


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    return torch.from_numpy(a)


def to_array(t: torch.Tensor) -> np.ndarray:
    return t.detach().numpy()
