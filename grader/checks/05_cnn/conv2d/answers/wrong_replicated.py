"""The border is repeated instead of zeros."""
# hint.en: What is added around the image must be zeros
# hint.es: Lo que se añade alrededor de la imagen


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (padding,) * 4, mode="replicate") if padding else x
    kh, kw = weight.shape[2:]
    patches = x.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwuv,ocuv->nohw", patches, weight)
    return out if bias is None else out + bias[:, None, None]
