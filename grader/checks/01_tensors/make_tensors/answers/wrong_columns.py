"""Columns of shape (n, 1) where vectors were asked."""
# hint: One dimension was asked
# pista: Se pidió una dimensión


def make_tensors(n: int) -> dict[str, torch.Tensor]:
    return {
        "zeros": torch.zeros(n, 1),
        "ones": torch.ones(n, 1),
        "ramp": torch.linspace(0, n - 1, n).unsqueeze(1),
        "ints": torch.arange(n).unsqueeze(1),
        "twos": 2 * torch.ones((2, 2)),
        "nested": torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
    }
