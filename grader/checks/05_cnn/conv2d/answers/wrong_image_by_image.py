"""map visits the images of the batch, or a comprehension does."""
# title.es: map recorre las imágenes del batch, o lo hace una comprensión.
# hint.en: Your values are right, but your code takes one image after another, by map or a comprehension. A slice takes all images at once: only the positions of the kernel need a loop.
# hint.es: Tus valores son correctos, pero tu código toma una imagen tras otra, con map o con una comprensión. Un trozo toma todas las imágenes a la vez: solo las posiciones del filtro necesitan un bucle.
# class: serious


def conv2d(x, weight, bias=None, stride=1, padding=0):
    kh, kw = weight.shape[2:]

    def convolved(image):
        windows = F.pad(image, (padding,) * 4).unfold(1, kh, stride).unfold(2, kw, stride)
        return torch.einsum("chwuv,ocuv->ohw", windows, weight)

    out = torch.stack(list(map(convolved, x)))
    return out if bias is None else out + bias[:, None, None]
