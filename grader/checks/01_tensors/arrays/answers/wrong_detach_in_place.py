"""detach_ changes the caller's tensor."""
# hint: detach() gives another tensor
# pista: detach() da otro tensor


def from_array(a: np.ndarray, *, share: bool) -> torch.Tensor:
    return torch.from_numpy(a) if share else torch.tensor(a)


def to_array(t: torch.Tensor) -> np.ndarray:
    return t.detach_().numpy()
