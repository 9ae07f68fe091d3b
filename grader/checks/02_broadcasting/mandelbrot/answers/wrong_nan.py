"""What is NaN is not above 2, so it counts as inside."""
# hint: Points that escaped count as if they were inside
# pista: Los puntos que han escapado cuentan como si siguieran dentro


def mandelbrot(h: int, w: int, max_iter: int) -> torch.Tensor:
    c = torch.linspace(-2, 0.5, w) + 1j * torch.linspace(-1.25, 1.25, h)[:, None]
    z, steps = torch.zeros_like(c), torch.zeros(h, w, dtype=torch.int64)
    for _ in range(max_iter):
        z = z * z + c
        steps[~(z.abs() > 2)] += 1
    return steps
