"""trainable_only is ignored: the frozen ones never count."""
# hint: every parameter counts, frozen or not
# pista: cuentan todos los parámetros, congelados o no


def count_parameters(model: nn.Module, trainable_only: bool = True) -> tuple[int, dict[str, int]]:
    per_name = {
        name: parameter.numel()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    return sum(per_name.values()), per_name
