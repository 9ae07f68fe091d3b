"""A running maximum over the window's positions."""


def max_pool2d(x, k, stride=None):
    stride = stride or k
    height = (x.shape[2] - k) // stride + 1
    width = (x.shape[3] - k) // stride + 1
    best = None
    for u in range(k):
        for v in range(k):
            part = x[:, :, u:, v:][:, :, ::stride, ::stride][:, :, :height, :width]
            best = part if best is None else torch.maximum(best, part)
    return best + 0
