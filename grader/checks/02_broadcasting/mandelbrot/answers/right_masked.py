"""Only the points that are still inside go on; complex128."""


def mandelbrot(h: int, w: int, max_iter: int) -> torch.Tensor:
    x = torch.linspace(-2, 0.5, w, dtype=torch.float64)
    y = torch.linspace(-1.25, 1.25, h, dtype=torch.float64)
    y, x = torch.meshgrid(y, x, indexing="ij")
    c = torch.complex(x, y)
    z = torch.zeros_like(c)
    steps = torch.zeros(h, w, dtype=torch.int64)
    inside = torch.ones(h, w, dtype=torch.bool)
    for _ in range(max_iter):
        z[inside] = z[inside] ** 2 + c[inside]
        inside &= z.abs() <= 2
        steps[inside] += 1
    return steps
