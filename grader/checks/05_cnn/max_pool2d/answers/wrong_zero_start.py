"""The running maximum starts at 0."""
# hint.en: A window of negative numbers gives 0
# hint.es: Una ventana de números negativos da 0


def max_pool2d(x, k, stride=None):
    stride = stride or k
    height, width = (x.shape[2] - k) // stride + 1, (x.shape[3] - k) // stride + 1
    best = x.new_zeros(*x.shape[:2], height, width)
    for u in range(k):
        for v in range(k):
            part = x[:, :, u : u + stride * height : stride, v : v + stride * width : stride]
            best = torch.maximum(best, part[:, :, :height, :width])
    return best
