"""Notes the step at which each point leaves."""


def mandelbrot(h: int, w: int, max_iter: int) -> torch.Tensor:
    c = torch.linspace(-2, 0.5, w) + 1j * torch.linspace(-1.25, 1.25, h)[:, None]
    z, steps = torch.zeros_like(c), torch.zeros(h, w, dtype=torch.int64)
    steps += max_iter
    for step in range(max_iter):
        z = z.square() + c
        leaves = (steps == max_iter) & ~(z.abs() <= 2)
        steps = torch.where(leaves, step, steps)
    return steps
