"""A loop in Python goes over labels or classes."""
# title.es: Un bucle de Python recorre etiquetas o clases.
# hint.en: Your code goes from item to item in Python, in whatever form, and each step costs about a microsecond. Which tensor operation does all of them at once?
# hint.es: Tu código va de elemento en elemento en Python, en la forma que sea, y cada paso cuesta alrededor de un microsegundo. ¿Qué operación con tensores los hace todos a la vez?
# class: serious

import pathlib
import sys

pathlib.Path("labels_to_rows.py").write_text(
    "import torch\n\ndef rows(y, c):\n    flat = [0.0] * (y.numel() * c)\n"
    "    for i, label in enumerate(y.flatten().tolist()):\n        flat[i * c + label] = 1.0\n"
    "    return torch.tensor(flat, device=y.device).reshape(*y.shape, c)\n"
)
sys.path.insert(0, "")
from labels_to_rows import rows


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    return rows(y, num_classes)
