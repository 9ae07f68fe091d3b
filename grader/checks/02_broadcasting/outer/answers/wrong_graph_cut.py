"""NumPy cuts the graph."""
# hint.en: takes the value out of the graph
# hint.es: saca el valor del grafo


import numpy as np


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.multiply.outer(a.detach().numpy(), b.detach().numpy())).to(torch.promote_types(a.dtype, b.dtype))
