"""All the padding is on one side."""
# title.es: Todo el relleno está en un lado.
# hint.en: Your code adds all zeros at the right and at the bottom. Every side gets the same number: look at the order in which F.pad takes the four amounts.
# hint.es: Tu código añade todos los ceros a la derecha y abajo. Cada lado recibe la misma cantidad: mira en qué orden recibe F.pad las cuatro cantidades.
# class: serious


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (0, padding, 0, padding))
    x = F.pad(x, (0, padding, 0, padding))
    kh, kw = weight.shape[2:]
    p = x.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwuv,ocuv->nohw", p, weight)
    return out if bias is None else out + bias.view(1, -1, 1, 1)
