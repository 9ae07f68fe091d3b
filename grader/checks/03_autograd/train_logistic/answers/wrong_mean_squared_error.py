"""The squared error of probabilities."""
# hint: the squared error of the probabilities
# pista: el error cuadrático de las probabilidades


def train_logistic(X, y, lr, steps):
    w = X.new_zeros(X.shape[1], requires_grad=True)
    b = X.new_zeros((), requires_grad=True)
    history = []
    for _ in range(steps):
        loss = ((torch.sigmoid(X @ w + b) - y) ** 2).mean()
        history.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.detach(), b.detach(), history
