"""Each tensor from another one; the ramp from whole numbers."""


def make_tensors(n: int) -> dict[str, torch.Tensor]:
    ints = torch.arange(0, n)
    zeros = torch.zeros_like(ints, dtype=torch.float32)
    return dict(
        nested=torch.arange(1, 10).view(3, 3),
        twos=torch.full((2, 2), 2.0),
        ints=ints,
        ramp=ints.to(torch.float32),
        ones=zeros + 1,
        zeros=zeros,
    )
