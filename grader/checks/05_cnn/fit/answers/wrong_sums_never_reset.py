"""The sums go on from epoch to epoch."""
# title.es: Las sumas siguen de una época a la siguiente.
# hint.en: Your sums are never set back to 0, so each loss is a mean over all epochs so far. Start them anew in each epoch.
# hint.es: Tus sumas no vuelven nunca a 0, así que cada pérdida es una media sobre todas las épocas hasta el momento. Empiézalas de nuevo en cada época.
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

    total, count = 0.0, 0
    val_total, correct, val_count = 0.0, 0, 0
    progress = tqdm(range(epochs), leave=False, disable=len(train_loader) < 10)  # short trainings need no bar
    for epoch in progress:
        model.train()
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
        with torch.no_grad():
            for images, labels in val_loader:
                images, labels = images.to(device), labels.to(device)
                logits = model(images)
                val_total += F.cross_entropy(logits, labels, reduction="sum").item()
                correct += (logits.argmax(1) == labels).sum().item()
                val_count += len(labels)
        val_loss = val_total / val_count
        history["val_loss"].append(val_loss)
        history["val_acc"].append(correct / val_count)
        progress.set_postfix(val_loss=f"{val_loss:.3f}", val_acc=f"{correct / val_count:.3f}")

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
