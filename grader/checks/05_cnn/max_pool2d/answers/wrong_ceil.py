"""Windows that stick out of the image count as well."""
# title.es: También cuentan las ventanas que se salen de la imagen.
# hint.en: Your result has a row or a column too many: it counts windows that do not fit into the image. Sizes are rounded down.
# hint.es: A tu resultado le sobra una fila o una columna: cuenta ventanas que no caben en la imagen. Los tamaños se redondean hacia abajo.
# class: serious


def max_pool2d(x, k, stride=None):
    stride = stride or k
    bottom, right = (-(x.shape[2] - k)) % stride, (-(x.shape[3] - k)) % stride
    x = F.pad(x, (0, right, 0, bottom), value=-torch.inf)
    return x.unfold(2, k, stride).unfold(3, k, stride).amax((-2, -1))
