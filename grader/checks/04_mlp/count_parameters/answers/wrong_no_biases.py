"""Biases are left out."""
# hint: The biases count too
# pista: Los sesgos también cuentan


def count_parameters(model: nn.Module, trainable_only: bool = True) -> tuple[int, dict[str, int]]:
    per_name = {
        name: parameter.numel()
        for name, parameter in model.named_parameters()
        if parameter.ndim > 1 and (parameter.requires_grad or not trainable_only)
    }
    return sum(per_name.values()), per_name
