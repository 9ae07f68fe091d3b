"""The bias is added in the loop."""
# hint.en: once for each position of the kernel
# hint.es: en cada posición del filtro


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
