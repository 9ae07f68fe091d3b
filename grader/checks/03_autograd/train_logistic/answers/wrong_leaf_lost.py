"""w = w - lr * w.grad outside no_grad."""
# hint: makes a new tensor that is no leaf
# pista: crea un tensor nuevo que no es una hoja


def train_logistic(X, y, lr, steps):
    w = X.new_zeros(X.shape[1]).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    history = []
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y)
        history.append(loss.item())
        loss.backward()
        w = w - lr * w.grad
        b = b - lr * b.grad
    return w.detach(), b.detach(), history
