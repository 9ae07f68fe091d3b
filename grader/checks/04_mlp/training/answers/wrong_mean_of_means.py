"""The batches' means are averaged"""
# title.es: Se promedian las medias de los batches
# hint.en: Your loss counts a small last batch as much as a full one. See what the mean over samples gives each batch for its size.
# hint.es: Tu pérdida cuenta un último batch pequeño igual que uno lleno. Mira qué peso da a cada batch la media sobre las muestras.
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
