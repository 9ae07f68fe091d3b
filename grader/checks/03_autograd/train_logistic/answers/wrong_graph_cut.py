"""The scores are copied into a new tensor."""
# hint: torch.tensor(…) takes the value out of the graph
# pista: torch.tensor(…) saca el valor del grafo


def train_logistic(X, y, lr, steps):
    w = X.new_zeros(X.shape[1]).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    history = []
    for _ in range(steps):
        scores = torch.tensor(X @ w + b)
        loss = F.binary_cross_entropy_with_logits(scores, y)
        history.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.detach(), b.detach(), history
