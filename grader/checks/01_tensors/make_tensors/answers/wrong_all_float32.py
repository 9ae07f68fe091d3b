"""torch.Tensor([...]) makes everything float32."""
# hint: torch.tensor infers the dtype
# pista: torch.tensor deduce el dtype


def make_tensors(n: int) -> dict[str, torch.Tensor]:
    return {
        "zeros": torch.Tensor([0] * n),
        "ones": torch.Tensor([1] * n),
        "ramp": torch.Tensor(list(range(n))),
        "ints": torch.Tensor(list(range(n))),
        "twos": torch.Tensor([[2, 2], [2, 2]]),
        "nested": torch.Tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
    }
