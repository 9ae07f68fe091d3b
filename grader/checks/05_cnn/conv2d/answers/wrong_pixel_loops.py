"""Python loops visit the pixels."""
# title.es: Unos bucles de Python recorren los píxeles.
# hint.en: Your values are right, but your code loops over the pixels of the output. Loop over the positions of the kernel instead: a slice with a step takes all pixels at once.
# hint.es: Tus valores son correctos, pero tu código recorre los píxeles de la salida. Recorre las posiciones del filtro: un trozo con paso toma todos los píxeles a la vez.
# class: serious


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (padding,) * 4)
    kh, kw = weight.shape[2:]
    rows = []
    for i in range(0, x.shape[2] - kh + 1, stride):
        row = []
        for j in range(0, x.shape[3] - kw + 1, stride):
            row.append(torch.einsum("ncuv,ocuv->no", x[:, :, i : i + kh, j : j + kw], weight))
        rows.append(torch.stack(row, dim=-1))
    out = torch.stack(rows, dim=2)
    return out if bias is None else out + bias[:, None, None]
