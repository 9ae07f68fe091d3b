"""All the padding on one side."""
# hint.en: all on one side
# hint.es: todos en un lado


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (0, padding, 0, padding))
    x = F.pad(x, (0, padding, 0, padding))
    kh, kw = weight.shape[2:]
    p = x.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwuv,ocuv->nohw", p, weight)
    return out if bias is None else out + bias.view(1, -1, 1, 1)
