"""shape[0] * shape[1]."""
# hint: more dimensions than there are
# pista: más dimensiones de las que hay


def count_parameters(model: nn.Module, trainable_only: bool = True) -> tuple[int, dict[str, int]]:
    per_name = {
        name: parameter.shape[0] * parameter.shape[1]
        for name, parameter in model.named_parameters()
        if parameter.requires_grad or not trainable_only
    }
    return sum(per_name.values()), per_name
