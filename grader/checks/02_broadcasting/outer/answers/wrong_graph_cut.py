"""NumPy does the work, which autograd does not see."""
# title.es: El trabajo lo hace NumPy, que autograd no ve.
# hint.en: Your code leaves PyTorch for NumPy, so no gradient flows back to a and b. Which tensor operation does the same?
# hint.es: Tu código sale de PyTorch a NumPy, así que ningún gradiente vuelve a a y b. ¿Qué operación con tensores hace lo mismo?
# class: serious


import numpy as np


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.multiply.outer(a.detach().numpy(), b.detach().numpy())).to(torch.promote_types(a.dtype, b.dtype))
