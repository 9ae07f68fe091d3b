"""The result has no graph, and no gradient flows back."""
# title.es: El resultado no tiene grafo, y ningún gradiente vuelve.
# hint.en: Your result has no graph: a step such as NumPy or detach takes the values out of it. Which of your steps does that, and which tensor operation can stand in its place?
# hint.es: Tu resultado no tiene grafo: un paso como NumPy o detach saca los valores de él. ¿Cuál de tus pasos lo hace, y qué operación con tensores puede ocupar su lugar?
# class: serious


import numpy as np


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.multiply.outer(a.detach().numpy(), b.detach().numpy())).to(torch.promote_types(a.dtype, b.dtype))
