"""Autograd does the work."""
# title.es: El trabajo lo hace autograd.
# hint.en: Your code lets autograd compute the gradients, and here they are to be worked out on paper. Write the derivative of the loss by w and by b as formulas first.
# hint.es: Tu código deja que autograd calcule los gradientes, y aquí hay que resolverlos en papel. Escribe primero como fórmulas la derivada de la pérdida respecto de w y de b.
# class: fatal

import types

helper = types.ModuleType("helper")
exec(
    "import torch\ndef slopes(w, b, x, y):\n"
    "    with torch.inference_mode(False), torch.enable_grad():\n"
    "        w, b = w.detach().clone().requires_grad_(), b.detach().clone().requires_grad_()\n"
    "        loss = ((w * x.clone() + b - y.clone()) ** 2).mean()\n"
    "        return torch.autograd.grad(loss, (w, b))\n",
    helper.__dict__,
)


def linear_loss_grads(w, b, x, y):
    return helper.slopes(w, b, x, y)
