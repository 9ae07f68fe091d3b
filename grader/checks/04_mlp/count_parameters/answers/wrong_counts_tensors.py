"""The number of tensors."""
# hint: how many numbers they hold
# pista: cuántos números contienen


def count_parameters(model: nn.Module, trainable_only: bool = True) -> tuple[int, dict[str, int]]:
    per_name = {
        name: parameter.numel()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad or not trainable_only
    }
    return len(per_name), per_name
