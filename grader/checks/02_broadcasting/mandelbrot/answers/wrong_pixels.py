"""A loop over the pixels."""
# hint.en: One loop over the iterations is allowed
# hint.es: Se permite un bucle sobre las iteraciones


def mandelbrot(h: int, w: int, max_iter: int) -> torch.Tensor:
    steps = torch.zeros(h, w, dtype=torch.int64)
    xs, ys = torch.linspace(-2, 0.5, w).tolist(), torch.linspace(-1.25, 1.25, h).tolist()
    for i, y in enumerate(ys):
        for j, x in enumerate(xs):
            z = 0j
            for _ in range(max_iter):
                z = z * z + complex(x, y)
                if abs(z) > 2:
                    break
                steps[i, j] += 1
    return steps
