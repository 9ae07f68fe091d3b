"""Classes from 1."""
# hint.en: Classes count from 0
# hint.es: se cuentan desde 0


def one_hot(y, num_classes):
    return (y.unsqueeze(-1) == torch.arange(1, num_classes + 1, device=y.device)).float()
