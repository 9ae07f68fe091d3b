"""The loss after each step."""
# hint: The history holds the loss before each step
# pista: El historial guarda la pérdida de antes de cada paso


def train_logistic(X, y, lr, steps):
    w = X.new_zeros(X.shape[1]).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    history = []
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
        history.append(F.binary_cross_entropy_with_logits(X @ w + b, y).item())
    return w.detach(), b.detach(), history
