"""The total is a tensor."""
# hint: .item() turns it into a Python number
# pista: .item() lo convierte en un número de Python


def count_parameters(model: nn.Module, trainable_only: bool = True) -> tuple[int, dict[str, int]]:
    per_name = {
        name: parameter.numel()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad or not trainable_only
    }
    return torch.tensor(list(per_name.values())).sum(), per_name
