"""Counts the step with which a point leaves."""
# hint: has one step too many
# pista: un paso de más


def mandelbrot(h: int, w: int, max_iter: int) -> torch.Tensor:
    c = torch.linspace(-2, 0.5, w) + 1j * torch.linspace(-1.25, 1.25, h)[:, None]
    z, steps = torch.zeros_like(c), torch.zeros(h, w, dtype=torch.int64)
    for _ in range(max_iter):
        steps += z.abs() <= 2
        z = z * z + c
    return steps
