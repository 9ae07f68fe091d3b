"""A detached tensor shares its memory: detach is no copy."""
# hint: Tensor and array are still the same memory
# pista: El tensor y el array siguen siendo la misma memoria


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    tensor = torch.from_numpy(a)
    return tensor if share else tensor.detach()


def to_array(t: torch.Tensor) -> np.ndarray:
    return t.detach().numpy()
