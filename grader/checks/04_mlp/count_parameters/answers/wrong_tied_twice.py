"""A shared parameter counts twice."""
# hint: Two layers that share one tensor
# pista: Dos capas que comparten un tensor


def count_parameters(model: nn.Module, trainable_only: bool = True) -> tuple[int, dict[str, int]]:
    per_name = {
        name: parameter.numel()
        for name, parameter in model.named_parameters(remove_duplicate=False)
        if parameter.requires_grad or not trainable_only
    }
    return sum(per_name.values()), per_name
