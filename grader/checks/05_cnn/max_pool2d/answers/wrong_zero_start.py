"""A window of negative numbers gives 0."""
# title.es: Una ventana de números negativos da 0.
# hint.en: Your code gives 0 where all values of a window are negative: 0 takes part in the comparison. Look at what your maximum starts with, or at what you pad with.
# hint.es: Tu código da 0 donde todos los valores de una ventana son negativos: el 0 participa en la comparación. Mira con qué empieza tu máximo, o con qué rellenas.
# class: serious


def max_pool2d(x, k, stride=None):
    stride = stride or k
    height, width = (x.shape[2] - k) // stride + 1, (x.shape[3] - k) // stride + 1
    best = x.new_zeros(*x.shape[:2], height, width)
    for u in range(k):
        for v in range(k):
            part = x[:, :, u : u + stride * height : stride, v : v + stride * width : stride]
            best = torch.maximum(best, part[:, :, :height, :width])
    return best
