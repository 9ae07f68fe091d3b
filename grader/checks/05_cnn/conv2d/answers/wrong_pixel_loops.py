"""Loops over the pixels."""
# hint.en: Loop over the kernel's positions alone
# hint.es: Haz bucles solo sobre las posiciones del filtro


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
