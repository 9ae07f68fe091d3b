"""The gradient goes into a leaf that nobody keeps."""
# hint: A .grad is None before backward
# pista: Un .grad es None antes de backward


def elementwise_derivative(f, x):
    x = x.detach().clone()
    y = f(x.clone().requires_grad_())
    y.backward(torch.ones_like(y))
    return x.grad
