"""Real numbers; points that escaped stay where they are."""


def mandelbrot(h, w, max_iter):
    cx = torch.linspace(-2, 0.5, w).expand(h, w)
    cy = torch.linspace(-1.25, 1.25, h).unsqueeze(1).expand(h, w)
    zx, zy = torch.zeros(h, w), torch.zeros(h, w)
    inside = torch.ones(h, w, dtype=torch.bool)
    steps = torch.zeros(h, w, dtype=torch.long)
    for _ in range(max_iter):
        zx, zy = torch.where(inside, zx * zx - zy * zy + cx, zx), torch.where(inside, 2 * zx * zy + cy, zy)
        inside = inside & (zx * zx + zy * zy <= 4)
        steps = steps + inside
    return steps
