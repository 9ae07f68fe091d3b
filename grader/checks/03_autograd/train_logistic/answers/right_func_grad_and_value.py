"""Weights made on the device of X, gradients by torch.func."""


def train_logistic(X, y, lr, steps):
    def loss_of(w, b):
        s = X.detach() @ w + b
        return torch.mean(torch.logaddexp(s, torch.zeros_like(s)) - y * s)

    w = torch.zeros(X.size(1), dtype=X.dtype, device=X.device)
    b = torch.zeros((), dtype=X.dtype, device=X.device)
    history = []
    for _ in range(steps):
        (dw, db), loss = torch.func.grad_and_value(loss_of, argnums=(0, 1))(w, b)
        history.append(loss.item())
        w, b = w - lr * dw, b - lr * db
    return w, b, history
