"""evaluate changes the weights"""
# title.es: evaluate cambia los pesos
# hint.en: Your evaluate moves the weights along their gradients, and a measurement only looks. Compare it with train_epoch: what does it not need?
# hint.es: Tu evaluate mueve los pesos según sus gradientes, y medir solo es mirar. Compárala con train_epoch: ¿qué le sobra?
# class: serious


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
        total_loss += loss.item() * len(y)
        right += (logits.argmax(1) == y).sum().item()
        seen += len(y)
    return total_loss / seen, right / seen


def evaluate(model, loader, loss_fn, device="cpu") -> tuple[float, float]:
    model.to(device).eval()
    total_loss, right, seen = 0.0, 0, 0
    rate = 1e-2
    if True:
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            logits = model(x)
            loss = loss_fn(logits, y)
            model.zero_grad()
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p -= rate * p.grad
            total_loss += loss.item() * len(y)
            right += (logits.argmax(1) == y).sum().item()
            seen += len(y)
    return total_loss / seen, right / seen
