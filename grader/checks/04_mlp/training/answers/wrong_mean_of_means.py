"""Batch means are averaged."""
# hint.en: weight each mean by its batch's size
# hint.es: por el tamaño de su batch


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
        total_loss += loss.item()
        right += (logits.argmax(1) == y).sum().item()
        seen += len(y)
    return total_loss / len(loader), right / seen


def evaluate(model, loader, loss_fn, device="cpu") -> tuple[float, float]:
    model.to(device).eval()
    total_loss, right, seen = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            total_loss += loss_fn(logits, y).item() 
            right += (logits.argmax(1) == y).sum().item()
            seen += len(y)
    return total_loss / len(loader), right / seen
