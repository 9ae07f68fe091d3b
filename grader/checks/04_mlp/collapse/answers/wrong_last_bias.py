"""Only the last bias."""
# hint: last layer's bias alone is not enough
# pista: sesgo de la última capa no basta


def collapse(layers: nn.Sequential) -> nn.Linear:
    first = layers[0]
    with torch.no_grad():
        weight = first.weight.clone()
        bias = weight.new_zeros(first.out_features) if first.bias is None else first.bias.clone()
        for layer in layers[1:]:
            weight, bias = layer.weight @ weight, layer.bias if layer.bias is not None else weight.new_zeros(layer.out_features)
        sizes = {"in_features": weight.shape[1], "out_features": weight.shape[0]}
        result = nn.Linear(**sizes, device=weight.device, dtype=weight.dtype)
        result.weight.copy_(weight)
        result.bias.copy_(bias)
    return result
