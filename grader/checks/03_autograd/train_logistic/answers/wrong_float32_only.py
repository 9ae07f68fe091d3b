"""float32 whatever the data are."""
# hint: Two tensors differ in dtype
# pista: dtype


def train_logistic(X, y, lr, steps):
    w = torch.zeros(X.shape[1], device=X.device).requires_grad_()
    b = torch.zeros((), device=X.device).requires_grad_()
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
