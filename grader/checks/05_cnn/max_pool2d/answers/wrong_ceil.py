"""Windows that stick out count as well."""
# hint.en: A window that does not fit entirely
# hint.es: Una ventana que no cabe entera


def max_pool2d(x, k, stride=None):
    stride = stride or k
    bottom, right = (-(x.shape[2] - k)) % stride, (-(x.shape[3] - k)) % stride
    x = F.pad(x, (0, right, 0, bottom), value=-torch.inf)
    return x.unfold(2, k, stride).unfold(3, k, stride).amax((-2, -1))
