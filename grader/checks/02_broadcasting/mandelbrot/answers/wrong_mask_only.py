"""Whether a point stays, not how long."""
# hint: This says whether a point stays inside
# pista: Esto dice si un punto se queda dentro


def mandelbrot(h: int, w: int, max_iter: int) -> torch.Tensor:
    c = torch.linspace(-2, 0.5, w) + 1j * torch.linspace(-1.25, 1.25, h)[:, None]
    z, steps = torch.zeros_like(c), torch.zeros(h, w, dtype=torch.int64)
    for _ in range(max_iter):
        z = z * z + c
    return (z.abs() <= 2).long()
