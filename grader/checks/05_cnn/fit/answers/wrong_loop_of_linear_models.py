"""A loop over epochs with one batch at a time and gradients that add up; validation after all of it."""
# hint.en: a loop that never clears its gradients
# hint.es: A partir del segundo batch, los pesos son los de un bucle que nunca borra sus gradientes


def fit(model, train_loader, val_loader, *, epochs, lr=1e-3, patience=None, device="cpu", checkpoint_path=None, seed=None):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_acc": [], "best_epoch": 0}
    for epoch in range(epochs):
        losses = []
        for x, y in train_loader:
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        history["train_loss"].append(sum(losses) / len(losses))
        with torch.no_grad():
            losses, hits = [], 0
            for x, y in val_loader:
                out = model(x)
                losses.append(F.cross_entropy(out, y).item())
                hits += (out.argmax(1) == y).sum().item()
        history["val_loss"].append(sum(losses) / len(losses))
        history["val_acc"].append(hits / len(val_loader.dataset))
    return history
