"""Every batch's mean counts batch_size times."""
# hint: mean counts batch_size times
# pista: cuenta batch_size veces


def train_epoch(model, loader, loss_fn, optimizer, device="cpu") -> tuple[float, float]:
    model.to(device).train()
    total_loss, right, seen = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        logits = model(x)
        loss = loss_fn(logits, y)
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * loader.batch_size
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
            total_loss += loss_fn(logits, y).item() * loader.batch_size
            right += (logits.argmax(1) == y).sum().item()
            seen += len(y)
    return total_loss / seen, right / seen
