"""The ramp ends at n instead of n - 1."""
# hint: linspace includes both ends
# pista: linspace incluye los dos extremos


def make_tensors(n: int) -> dict[str, torch.Tensor]:
    return {
        "zeros": torch.zeros(n),
        "ones": torch.ones(n),
        "ramp": torch.linspace(0, n, n),
        "ints": torch.arange(n),
        "twos": 2 * torch.ones((2, 2)),
        "nested": torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
    }
