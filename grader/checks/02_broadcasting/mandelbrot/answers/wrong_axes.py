"""Rows go along x."""
# hint: The axes are swapped
# pista: Los ejes están intercambiados


def mandelbrot(h: int, w: int, max_iter: int) -> torch.Tensor:
    c = torch.linspace(-2, 0.5, h)[:, None] + 1j * torch.linspace(-1.25, 1.25, w)
    z, steps = torch.zeros_like(c), torch.zeros(h, w, dtype=torch.int64)
    for _ in range(max_iter):
        z = z * z + c
        steps += z.abs() <= 2
    return steps
