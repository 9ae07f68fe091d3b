"""The best loss starts at 1, nothing is saved, and the file is read all the same."""
# title.es: La mejor pérdida empieza en 1, no se guarda nada y el archivo se lee igualmente.
# hint.en: Your code reads a file that it never wrote: its best loss starts at 1, and every loss here is above that. Start with a number that every loss beats.
# hint.es: Tu código lee un archivo que no llegó a escribir: su mejor pérdida empieza en 1, y aquí todas son mayores. Empieza con un número al que toda pérdida supere.
# class: serious


def fit(
    model: nn.Module,
    train_loader: DataLoader,
    val_loader: DataLoader,
    *,
    epochs: int,
    lr: float = 1e-3,
    patience: int | None = None,
    device: torch.device | str = "cpu",
    checkpoint_path: str | Path | None = None,
    seed: int | None = None,
) -> dict:
    if seed is not None:
        torch.manual_seed(seed)
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    best_val_loss, file = 1, Path(checkpoint_path or "never_saved.pt")
    stopping = EarlyStopping(patience if patience is not None else epochs)
    history = {"train_loss": [], "val_loss": [], "val_acc": [], "best_epoch": 0}

    progress = tqdm(range(epochs), leave=False, disable=len(train_loader) < 10)  # short trainings need no bar
    for epoch in progress:
        model.train()
        total, count = 0.0, 0
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            count += len(labels)
        history["train_loss"].append(total / count)

        model.eval()
        total, correct, count = 0.0, 0, 0
        with torch.no_grad():
            for images, labels in val_loader:
                images, labels = images.to(device), labels.to(device)
                logits = model(images)
                total += F.cross_entropy(logits, labels, reduction="sum").item()
                correct += (logits.argmax(1) == labels).sum().item()
                count += len(labels)
        val_loss = total / count
        history["val_loss"].append(val_loss)
        history["val_acc"].append(correct / count)
        progress.set_postfix(val_loss=f"{val_loss:.3f}", val_acc=f"{correct / count:.3f}")

        is_best = val_loss < best_val_loss
        must_stop = stopping.step(val_loss)
        if is_best:
            history["best_epoch"] = epoch
            best_val_loss = val_loss
            file.parent.mkdir(parents=True, exist_ok=True)
            torch.save(model.state_dict(), file)
        if must_stop:
            break

    model.load_state_dict(torch.load(file, weights_only=True))
    model.eval()
    return history
