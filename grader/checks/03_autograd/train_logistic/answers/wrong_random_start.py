"""A random start."""
# hint: Two calls with the same data end differently
# pista: Dos llamadas con los mismos datos terminan distinto


def train_logistic(X, y, lr, steps):
    w = torch.randn(X.shape[1], dtype=X.dtype, device=X.device).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    history = []
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y)
        history.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.detach(), b.detach(), history
