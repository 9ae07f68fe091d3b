"""The scores are taken out of the graph."""
# hint: .detach() takes the value out of the graph
# pista: .detach() saca el valor del grafo


def train_logistic(X, y, lr, steps):
    w = X.new_zeros(X.shape[1])
    b = X.new_zeros(())
    history = []
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits((X @ w + b).detach(), y)
        history.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.detach(), b.detach(), history
