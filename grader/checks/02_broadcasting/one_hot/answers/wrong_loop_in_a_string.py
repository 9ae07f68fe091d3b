"""The loop is in a string."""
# hint.en: it loops somewhere
# hint.es: en algún sitio hay un bucle

SOURCE = """
for i, label in enumerate(y.flatten().tolist()):
    flat[i * c + label] = 1.0
"""


def one_hot(y: torch.Tensor, num_classes: int) -> torch.Tensor:
    flat = [0.0] * (y.numel() * num_classes)
    exec(SOURCE, {"y": y, "c": num_classes, "flat": flat})
    return torch.tensor(flat, device=y.device).reshape(*y.shape, num_classes)
