"""NumPy looks the rows up."""
# title.es: NumPy busca las filas.
# hint.en: Your code turns y into an array of NumPy, which reads the CPU's memory alone: on a GPU it would fail. Do the same with PyTorch's operations, with tensors on the device of y.
# hint.es: Tu código convierte y en un array de NumPy, que solo lee la memoria de la CPU: en una GPU fallaría. Haz lo mismo con operaciones de PyTorch, con tensores en el dispositivo de y.
# class: serious

import numpy as np


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    return torch.from_numpy(np.eye(num_classes, dtype=np.float32)[y.numpy()])
