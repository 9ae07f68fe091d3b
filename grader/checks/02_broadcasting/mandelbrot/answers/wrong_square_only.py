"""c is never added: every point stays at 0."""
# hint: The picture is wrong
# pista: La imagen no es correcta


def mandelbrot(h: int, w: int, max_iter: int) -> torch.Tensor:
    c = torch.linspace(-2, 0.5, w) + 1j * torch.linspace(-1.25, 1.25, h)[:, None]
    z, steps = torch.zeros_like(c), torch.zeros(h, w, dtype=torch.int64)
    for _ in range(max_iter):
        z = z * z
        steps += z.abs() <= 2
    return steps
