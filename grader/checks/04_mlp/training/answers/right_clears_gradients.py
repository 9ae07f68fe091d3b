"""Each measurement leaves the model without gradients."""


def train_epoch(model, loader, loss_fn, optimizer, device="cpu"):
    model.to(device).train()
    total, right, seen = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        model.zero_grad()
        logits = model(x)
        loss = loss_fn(logits, y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += (logits.argmax(1) == y).sum().item()
        seen += len(y)
    return total / seen, right / seen


def evaluate(model, loader, loss_fn, device="cpu"):
    model.to(device).eval()
    model.zero_grad(set_to_none=True)
    total, right, seen = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            total += loss_fn(logits, y).item() * len(y)
            right += (logits.argmax(1) == y).sum().item()
            seen += len(y)
    return total / seen, right / seen
