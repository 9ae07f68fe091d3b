"""The best weights live in a file; losses are summed on the device."""


def fit(model, train_loader, val_loader, *, epochs, lr=1e-3, patience=None, device="cpu", checkpoint_path=None, seed=None):
    import os
    import tempfile

    if seed is not None:
        torch.manual_seed(seed)
    folder = tempfile.TemporaryDirectory()
    path = checkpoint_path or os.path.join(folder.name, "best.pt")
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    optimizer = torch.optim.Adam(model.to(device).parameters(), lr=lr)
    history = dict(train_loss=[], val_loss=[], val_acc=[], best_epoch=0)
    lowest, waited = np.inf, 0
    for epoch in range(epochs):
        model.train()
        total = torch.zeros((), device=device)
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            total += loss.detach() * len(labels)
        history["train_loss"].append(total.item() / len(train_loader.dataset))
        model.eval()
        with torch.inference_mode():
            logits, labels = [], []
            for images, batch_labels in val_loader:
                logits.append(model(images.to(device)))
                labels.append(batch_labels.to(device))
            logits, labels = torch.cat(logits), torch.cat(labels)
            history["val_loss"].append(F.cross_entropy(logits, labels).item())
            history["val_acc"].append((logits.argmax(1) == labels).float().mean().item())
        waited += 1
        if history["val_loss"][-1] < lowest:
            lowest, waited, history["best_epoch"] = history["val_loss"][-1], 0, epoch
            torch.save(model.state_dict(), path)
        if waited == patience:
            break
    model.load_state_dict(torch.load(path, weights_only=True))
    model.eval()
    return history
