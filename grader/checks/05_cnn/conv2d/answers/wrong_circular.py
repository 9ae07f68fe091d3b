"""The image is continued from its opposite side, in place of zeros."""
# title.es: La imagen continúa desde el lado opuesto, en lugar de ceros.
# hint.en: Around the image your code puts pixels from the opposite side. The exercise asks for zeros there: look at the mode of your padding.
# hint.es: Alrededor de la imagen, tu código pone píxeles del lado opuesto. El ejercicio pide ceros: mira el modo de tu relleno.
# class: serious


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (padding,) * 4, mode="circular") if padding else x
    kh, kw = weight.shape[2:]
    p = x.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwuv,ocuv->nohw", p, weight)
    return out if bias is None else out + bias.view(1, -1, 1, 1)
