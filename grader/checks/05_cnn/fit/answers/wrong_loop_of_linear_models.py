"""Gradients are never cleared, and there are no modes and no best weights."""
# title.es: Los gradientes no se borran nunca, y no hay modos ni mejores pesos.
# hint.en: Your gradients add up over several batches: backward() adds to what .grad holds. Each batch needs gradients of its own: look at where they are cleared.
# hint.es: Tus gradientes se suman a lo largo de varios batches: backward() suma a lo que ya hay en .grad. Cada batch necesita sus propios gradientes: mira dónde los borras.
# class: fatal


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
