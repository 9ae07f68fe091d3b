"""The biases are only added up."""
# hint: multiplies a bias too
# pista: también multiplica el sesgo


def collapse(layers: nn.Sequential) -> nn.Linear:
    first = layers[0]
    with torch.no_grad():
        weight = first.weight.clone()
        bias = weight.new_zeros(first.out_features) if first.bias is None else first.bias.clone()
        for layer in layers[1:]:
            weight, bias = layer.weight @ weight, bias + layer.bias if bias.shape == layer.bias.shape else layer.bias.clone()
        sizes = {"in_features": weight.shape[1], "out_features": weight.shape[0]}
        result = nn.Linear(**sizes, device=weight.device, dtype=weight.dtype)
        result.weight.copy_(weight)
        result.bias.copy_(bias)
    return result
