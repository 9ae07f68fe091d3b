"""A slice [p:-p] that is empty for p = 0."""
# hint.en: Nothing is left with padding=0
# hint.es: Con padding=0 no queda nada


def conv2d(x, weight, bias=None, stride=1, padding=0):
    n, c, h, w = x.shape
    o, _, kh, kw = weight.shape
    padded = x.new_zeros(n, c, h + 2 * padding, w + 2 * padding)
    padded[:, :, padding:-padding, padding:-padding] = x[:, :, : h if padding else 0, : w if padding else 0]
    windows = padded.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwuv,ocuv->nohw", windows, weight)[:, :, : h if padding else 0]
    return out if bias is None else out + bias[:, None, None]
