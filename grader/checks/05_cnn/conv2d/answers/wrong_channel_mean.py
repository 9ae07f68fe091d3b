"""The products of the channels are averaged."""
# title.es: Los productos de los canales se promedian.
# hint.en: Your result is the right one divided by the number of input channels. A convolution adds the channels' products up: look for the division or the mean.
# hint.es: Tu resultado es el correcto dividido entre el número de canales de entrada. Una convolución suma los productos de los canales: busca la división o la media.
# class: serious


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (padding,) * 4)
    kh, kw = weight.shape[2:]
    p = x.unfold(2, kh, stride).unfold(3, kw, stride)
    out = torch.einsum("nchwuv,ocuv->nohw", p, weight) / x.shape[1]
    return out if bias is None else out + bias.view(1, -1, 1, 1)
