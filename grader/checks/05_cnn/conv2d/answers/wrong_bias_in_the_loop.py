"""The bias is added once for each position of the kernel."""
# title.es: El sesgo se suma una vez por cada posición del filtro.
# hint.en: Your code adds the bias inside the loop, so it counts once for each position of the kernel. Look at which lines the loop repeats.
# hint.es: Tu código suma el sesgo dentro del bucle, así que cuenta una vez por cada posición del filtro. Mira qué líneas repite el bucle.
# class: serious


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (padding,) * 4)
    kh, kw = weight.shape[2:]
    h, w = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    out = 0
    for i in range(kh):
        for j in range(kw):
            out = out + torch.einsum("nchw,oc->nohw", x[:, :, i : i + stride * h : stride, j : j + stride * w : stride], weight[:, :, i, j])
            if bias is not None:
                out = out + bias[:, None, None]
    return out
