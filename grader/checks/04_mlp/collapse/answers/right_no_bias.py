"""From the last to the first; no bias where there is none."""


def collapse(layers):
    stack = list(layers)
    weight = stack[-1].weight.detach().clone()
    has_bias = any(layer.bias is not None for layer in stack)
    bias = torch.zeros(weight.shape[0], dtype=weight.dtype)
    if stack[-1].bias is not None:
        bias = bias + stack[-1].bias.detach()
    for layer in reversed(stack[:-1]):
        if layer.bias is not None:
            bias = bias + weight @ layer.bias.detach()
        weight = weight @ layer.weight.detach()
    out = nn.Linear(weight.shape[1], weight.shape[0], bias=has_bias, dtype=weight.dtype)
    out.weight.data = weight
    if has_bias:
        out.bias.data = bias
    return out
