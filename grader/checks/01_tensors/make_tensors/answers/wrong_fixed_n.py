"""It answers for n = 5, whatever n is."""
# hint: `zeros` has the wrong shape
# pista: `zeros` tiene otra forma


def make_tensors(n: int) -> dict[str, torch.Tensor]:
    n = 5
    return {
        "zeros": torch.zeros(n),
        "ones": torch.ones(n),
        "ramp": torch.linspace(0, n - 1, n),
        "ints": torch.arange(n),
        "twos": 2 * torch.ones((2, 2)),
        "nested": torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
    }
