"""nn.functional, reached through nn; nothing else of it."""


from torch import nn


def train_logistic(X, y, lr, steps):
    w = X.new_zeros(X.shape[1]).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    history = []
    for _ in range(steps):
        loss = nn.functional.binary_cross_entropy_with_logits((X * w).sum(1) + b, y)
        w.grad, b.grad = None, None
        loss.backward()
        history.append(loss.item())
        with torch.no_grad():
            w.sub_(lr * w.grad)
            b.sub_(lr * b.grad)
    return w.detach(), b.detach(), history
