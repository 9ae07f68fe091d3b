"""The training loss is measured after the epoch's steps."""
# title.es: La pérdida de entrenamiento se mide después de los pasos de la época.
# hint.en: Your code measures the training loss in a second pass, with the weights after the epoch. The exercise asks for the mean of the losses that the steps were made from.
# hint.es: Tu código mide la pérdida de entrenamiento en una segunda pasada, con los pesos de después de la época. El ejercicio pide la media de las pérdidas con las que se dieron los pasos.
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
        model.eval()
        total, count = 0.0, 0
        with torch.no_grad():
            for images, labels in train_loader:
                total += F.cross_entropy(model(images.to(device)), labels.to(device), reduction="sum").item()
                count += len(labels)
        history["train_loss"].append(total / count)

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
