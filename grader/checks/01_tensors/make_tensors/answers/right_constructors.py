"""One constructor for each tensor."""


def make_tensors(n: int) -> dict[str, torch.Tensor]:
    return {
        "zeros": torch.zeros(n),
        "ones": torch.ones(n),
        "ramp": torch.linspace(0, n - 1, n),
        "ints": torch.arange(n),
        "twos": 2 * torch.ones((2, 2)),
        "nested": torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
    }
