"""loss_fn is ignored."""
# hint: that of the loss_fn that was given
# pista: la de la loss_fn que se dio


def train_epoch(model, loader, loss_fn, optimizer, device="cpu") -> tuple[float, float]:
    model.to(device).train()
    total_loss, right, seen = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        right += (logits.argmax(1) == y).sum().item()
        seen += len(y)
    return total_loss / seen, right / seen


def evaluate(model, loader, loss_fn, device="cpu") -> tuple[float, float]:
    model.to(device).eval()
    total_loss, right, seen = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            total_loss += F.cross_entropy(logits, y).item() * len(y)
            right += (logits.argmax(1) == y).sum().item()
            seen += len(y)
    return total_loss / seen, right / seen
