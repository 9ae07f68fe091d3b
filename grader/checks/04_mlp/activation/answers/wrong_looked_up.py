"""PyTorch's own functions, looked up by their name"""
# title.es: Las funciones de PyTorch, buscadas por su nombre
# hint.en: Your activation looks PyTorch's function up by its name. Write each of the three with exp, abs, where or clamp.
# hint.es: Tu activation busca la función de PyTorch por su nombre. Escribe cada una de las tres con exp, abs, where o clamp.
# class: fatal


def activation(name):
    return getattr(torch, name)


def act_grad(name):
    def slope(x):
        x = x.detach().requires_grad_()
        return torch.autograd.grad(activation(name)(x).sum(), x)[0]
    return slope
