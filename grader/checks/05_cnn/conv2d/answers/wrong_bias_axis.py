"""The bias is added along the width."""
# hint: The bias goes to the channels
# pista: El sesgo va a los canales


def conv2d(
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: int = 1,
    padding: int = 0,
) -> torch.Tensor:
    x = F.pad(x, (padding, padding, padding, padding))
    height, width = x.shape[2:]
    kh, kw = weight.shape[2:]
    out_height = (height - kh) // stride + 1
    out_width = (width - kw) // stride + 1
    out = x.new_zeros(len(x), len(weight), out_height, out_width)
    for u in range(kh):
        for v in range(kw):
            part = x[:, :, u : u + stride * out_height : stride, v : v + stride * out_width : stride]
            part = part[:, :, :out_height, :out_width]
            out = out + torch.einsum("nchw,oc->nohw", part, weight[:, :, u, v])
    return out if bias is None else out + bias[: out.shape[3]] if len(bias) == out.shape[3] else out + bias[:, None, None]
