"""w begins at one."""
# hint: With w = 0 and b = 0 the first loss is log 2
# pista: Con w = 0 y b = 0 la primera pérdida es log 2


def train_logistic(X, y, lr, steps):
    w = X.new_ones(X.shape[1]).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    history = []
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y)
        history.append(loss.item())
        grads = torch.autograd.grad(loss, (w, b))
        with torch.no_grad():
            w -= lr * grads[0]
            b -= lr * grads[1]
    return w.detach(), b.detach(), history
