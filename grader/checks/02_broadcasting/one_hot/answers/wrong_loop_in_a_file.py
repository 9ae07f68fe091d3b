"""The loop is in a module that the cell writes and imports."""
# hint.en: There is a Python loop (enumerate) in labels_to_rows.rows
# hint.es: Hay un bucle de Python (enumerate) en labels_to_rows.rows

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
