"""logsigmoid of both classes, and one vector for all parameters."""


def train_logistic(X, y, lr, steps):
    ones = torch.ones(len(X), 1, dtype=X.dtype, device=X.device)
    points = torch.cat([X, ones], dim=1)
    theta = torch.zeros_like(points[0], requires_grad=True)
    history = []
    for _ in range(steps):
        s = points @ theta
        loss = -(y * F.logsigmoid(s) + (1 - y) * F.logsigmoid(-s)).sum() / len(y)
        loss.backward()
        theta.data -= lr * theta.grad
        theta.grad = None
        history += [loss.item()]
    theta = theta.detach()
    return theta[:-1], theta[-1], history
