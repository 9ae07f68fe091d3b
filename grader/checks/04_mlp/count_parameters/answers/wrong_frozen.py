"""trainable_only is ignored: everything counts."""
# hint: A frozen parameter has requires_grad=False
# pista: Un parámetro congelado tiene requires_grad=False


def count_parameters(model: nn.Module, trainable_only: bool = True) -> tuple[int, dict[str, int]]:
    per_name = {
        name: parameter.numel()
        for name, parameter in model.named_parameters()
    }
    return sum(per_name.values()), per_name
