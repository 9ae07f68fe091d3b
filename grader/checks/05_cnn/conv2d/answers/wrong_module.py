"""PyTorch's own convolution does the work."""
# title.es: El trabajo lo hace la convolución de PyTorch.
# hint.en: Your code leaves the work to PyTorch's own convolution. The exercise is to write it yourself: cut the windows out of the image and multiply them by the kernel.
# hint.es: Tu código deja el trabajo a la convolución de PyTorch. El ejercicio consiste en escribirla tú: recorta las ventanas de la imagen y multiplícalas por el filtro.
# class: fatal


def conv2d(x, weight, bias=None, stride=1, padding=0):
    layer = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2:], stride, padding, bias=bias is not None)
    return torch.func.functional_call(layer, {"weight": weight} | ({} if bias is None else {"bias": bias}), (x,))
