"""The pixels of the border are repeated, in place of zeros."""
# title.es: Los píxeles del borde se repiten, en lugar de ceros.
# hint.en: Around the image your code repeats the pixels of its border. The exercise asks for zeros there: look at the mode of your padding.
# hint.es: Alrededor de la imagen, tu código repite los píxeles de su borde. El ejercicio pide ceros: mira el modo de tu relleno.
# class: serious


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (padding,) * 4, mode="replicate") if padding else x
    kh, kw = weight.shape[2:]
    patches = x.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwuv,ocuv->nohw", patches, weight)
    return out if bias is None else out + bias[:, None, None]
