"""The same with relu."""
# hint: autograd picks one of its sides
# pista: autograd elige uno de sus lados


def train_logistic(X, y, lr, steps):
    w = X.new_zeros(X.shape[1]).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    history = []
    for _ in range(steps):
        s = X @ w + b
        loss = (F.relu(s) - s * y + torch.log1p(torch.exp(-s.abs()))).mean()
        history.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.detach(), b.detach(), history
