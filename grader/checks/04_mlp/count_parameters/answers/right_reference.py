"""named_parameters and numel."""


def count_parameters(model: nn.Module, trainable_only: bool = True) -> tuple[int, dict[str, int]]:
    per_name = {
        name: parameter.numel()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad or not trainable_only
    }
    return sum(per_name.values()), per_name
