"""A loop goes from point to point."""
# title.es: Un bucle va de punto en punto.
# hint.en: Your code iterates each point by itself, in three nested loops. The text allows one, over the iterations: what can each of its steps move at once?
# hint.es: Tu código itera cada punto por separado, en tres bucles anidados. El enunciado permite uno, sobre las iteraciones: ¿qué puede mover a la vez cada uno de sus pasos?
# class: serious


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
