"""argmax over the wrong dimension."""
# hint: argmax of the logits
# pista: argmax de los logits


def train_epoch(model, loader, loss_fn, optimizer, device="cpu"):
    model.to(device)
    model.train()
    total, right, n = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        out = model(x)
        loss = loss_fn(out, y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += (out.argmax(0)[: len(y)] == y[: len(out.argmax(0))]).sum().item()
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
