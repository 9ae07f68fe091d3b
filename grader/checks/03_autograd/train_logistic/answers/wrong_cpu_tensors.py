"""torch.zeros without a device."""
# hint: Give new tensors device=x.device
# pista: device=x.device


def train_logistic(X, y, lr, steps):
    w = torch.zeros(X.shape[1], dtype=X.dtype).requires_grad_()
    b = torch.zeros((), dtype=X.dtype).requires_grad_()
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
