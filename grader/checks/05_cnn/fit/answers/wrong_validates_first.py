"""Each epoch validates before it trains."""
# title.es: Cada época valida antes de entrenar.
# hint.en: Your epochs validate before they train, so the last training is never measured and each validation loss belongs to the epoch before. Train first.
# hint.es: Tus épocas validan antes de entrenar, así que el último entrenamiento no se mide nunca y cada pérdida de validación es de la época anterior. Entrena primero.
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
    stopping = EarlyStopping(patience if patience is not None else epochs)
    history = {"train_loss": [], "val_loss": [], "val_acc": [], "best_epoch": 0}
    best_state = copy.deepcopy(model.state_dict())

    progress = tqdm(range(epochs), leave=False, disable=len(train_loader) < 10)  # short trainings need no bar
    for epoch in progress:
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
        progress.set_postfix(val_loss=f"{val_loss:.3f}", val_acc=f"{correct / count:.3f}")

        is_best = val_loss < stopping.best
        must_stop = stopping.step(val_loss)
        if is_best:
            history["best_epoch"] = epoch
            best_state = copy.deepcopy(model.state_dict())
            if checkpoint_path is not None:
                Path(checkpoint_path).parent.mkdir(parents=True, exist_ok=True)
                torch.save(best_state, checkpoint_path)
        if must_stop:
            break

    model.load_state_dict(best_state)
    model.eval()
    return history
