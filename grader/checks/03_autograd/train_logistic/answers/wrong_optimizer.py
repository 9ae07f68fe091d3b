"""An optimizer takes the steps."""
# hint: Two tensors with requires_grad=True are the whole model
# pista: Dos tensores con requires_grad=True son todo el modelo


def train_logistic(X, y, lr, steps):
    w = X.new_zeros(X.shape[1]).requires_grad_()
    b = X.new_zeros(()).requires_grad_()
    history = []
    opt = torch.optim.SGD([w, b], lr=lr)
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y)
        history.append(loss.item())
        opt.zero_grad()
        loss.backward()
        opt.step()
    return w.detach(), b.detach(), history
