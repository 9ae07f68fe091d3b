"""Channels are averaged."""
# hint.en: added up, not averaged
# hint.es: se suman, no se promedian


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (padding,) * 4)
    kh, kw = weight.shape[2:]
    p = x.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwuv,ocuv->nohw", p, weight) / x.shape[1]
    return out if bias is None else out + bias.view(1, -1, 1, 1)
