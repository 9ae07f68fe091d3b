"""Autograd does the work."""
# title.es: El trabajo lo hace autograd.
# hint.en: Your code lets autograd compute the gradients, and here they are to be worked out on paper. Write the derivative of the loss by w and by b as formulas first.
# hint.es: Tu código deja que autograd calcule los gradientes, y aquí hay que resolverlos en papel. Escribe primero como fórmulas la derivada de la pérdida respecto de w y de b.
# class: fatal


def linear_loss_grads(w, b, x, y):
    w, b = (p.detach().clone().requires_grad_() for p in (w, b))
    return torch.autograd.grad(((w * x + b - y) ** 2).mean(), (w, b))
