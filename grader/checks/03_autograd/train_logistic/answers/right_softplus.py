"""One vector for weights and bias; softplus."""


def train_logistic(X, y, lr, steps):
    theta = torch.zeros(X.shape[1] + 1, dtype=X.dtype, device=X.device)
    ones = torch.ones(X.shape[0], 1, dtype=X.dtype, device=X.device)
    data = torch.cat([X.detach(), ones], dim=1)
    history = []
    for _ in range(steps):
        theta = theta.detach().requires_grad_(True)
        s = data.mv(theta)
        loss = (F.softplus(s) - y * s).mean()
        loss.backward()
        history.append(float(loss))
        theta = theta.detach() - lr * theta.grad
    return theta[:-1].clone(), theta[-1].clone(), history
