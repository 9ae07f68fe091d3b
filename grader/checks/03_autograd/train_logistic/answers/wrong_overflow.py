"""sigmoid, and then log."""
# hint: use BCE with logits
# pista: usa BCE with logits


def train_logistic(X, y, lr, steps):
    w = X.new_zeros(X.shape[1]).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    history = []
    for _ in range(steps):
        p = torch.sigmoid(X @ w + b)
        loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
        history.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.detach(), b.detach(), history
