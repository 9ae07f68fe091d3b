"""A Python loop visits the images of the batch."""
# title.es: Un bucle de Python recorre las imágenes del batch.
# hint.en: Your values are right, but your code loops over the images too. A slice takes all images at once: only the positions of the kernel need a loop.
# hint.es: Tus valores son correctos, pero tu código también recorre las imágenes con un bucle. Un trozo toma todas las imágenes a la vez: solo las posiciones del filtro necesitan un bucle.
# class: serious


def conv2d(x, weight, bias=None, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    results = []
    for image in F.pad(x, (padding,) * 4):
        h, w = (image.shape[1] - kh) // stride + 1, (image.shape[2] - kw) // stride + 1
        out = 0
        for u in range(kh):
            for v in range(kw):
                part = image[:, u : u + stride * h : stride, v : v + stride * w : stride]
                out = out + torch.einsum("chw,oc->ohw", part, weight[:, :, u, v])
        results.append(out if bias is None else out + bias[:, None, None])
    return torch.stack(results)
