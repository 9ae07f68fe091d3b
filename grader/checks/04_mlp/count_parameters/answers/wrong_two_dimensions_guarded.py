"""shape[0] * shape[1], or shape[0] for a bias."""
# hint: numel() is right for any number of dimensions
# pista: numel() acierta con cualquier número de dimensiones


def count_parameters(model: nn.Module, trainable_only: bool = True) -> tuple[int, dict[str, int]]:
    per_name = {
        name: parameter.shape[0] * (parameter.shape[1] if parameter.ndim > 1 else 1)
        for name, parameter in model.named_parameters()
        if parameter.requires_grad or not trainable_only
    }
    return sum(per_name.values()), per_name
