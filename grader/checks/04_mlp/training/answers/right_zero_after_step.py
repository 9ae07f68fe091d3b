"""Gradients are cleared after the step."""


def train_epoch(model, loader, loss_fn, optimizer, device="cpu"):
    model.to(device)
    model.train()
    total, right, n = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        out = model(x)
        loss = loss_fn(out, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item() * len(y)
        right += (out.argmax(1) == y).sum().item()
        n += len(y)
    return total / n, right / n


def evaluate(model, loader, loss_fn, device="cpu"):
    model.to(device).eval()
    total, right, n = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            out = model(x)
            total += loss_fn(out, y).item() * len(y)
            right += (out.argmax(1) == y).sum().item()
            n += len(y)
    return total / n, right / n
