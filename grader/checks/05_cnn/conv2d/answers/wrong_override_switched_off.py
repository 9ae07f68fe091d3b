"""PyTorch's own convolution does the work."""
# title.es: El trabajo lo hace la convolución de PyTorch.
# hint.en: Your code leaves the work to PyTorch's own convolution. The exercise is to write it yourself: cut the windows out of the image and multiply them by the kernel.
# hint.es: Tu código deja el trabajo a la convolución de PyTorch. El ejercicio consiste en escribirla tú: recorta las ventanas de la imagen y multiplícalas por el filtro.
# class: fatal


def conv2d(x, weight, bias=None, stride=1, padding=0):
    with torch._C.DisableTorchFunction():
        return F.conv2d(x, weight, bias, stride=stride, padding=padding)
