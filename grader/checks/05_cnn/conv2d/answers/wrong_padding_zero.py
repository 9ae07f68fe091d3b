"""Nothing is left where padding is 0."""
# title.es: Con padding 0 no queda nada.
# hint.en: With padding=0 your code cuts the whole image away: a slice that ends at -0 is empty. Count the end of the slice from the front.
# hint.es: Con padding=0 tu código recorta la imagen entera: un trozo que termina en -0 está vacío. Cuenta el final del trozo desde el principio.
# class: serious


def conv2d(x, weight, bias=None, stride=1, padding=0):
    n, c, h, w = x.shape
    o, _, kh, kw = weight.shape
    padded = x.new_zeros(n, c, h + 2 * padding, w + 2 * padding)
    padded[:, :, padding:-padding, padding:-padding] = x[:, :, : h if padding else 0, : w if padding else 0]
    windows = padded.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwuv,ocuv->nohw", windows, weight)[:, :, : h if padding else 0]
    return out if bias is None else out + bias[:, None, None]
