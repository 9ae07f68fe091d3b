"""Parameters are restored by position, and buffers mixed up with them."""
# hint: load the best ones
# pista: carga los mejores


def fit(model, train_loader, val_loader, *, epochs, lr=1e-3, patience=None, device="cpu", checkpoint_path=None, seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    model.to(device)
    
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_acc": [], "best_epoch": 0}
    best, best_epoch, best_state = float("inf"), 0, copy.deepcopy(model.state_dict())
    for epoch in range(epochs):
        model.train()
        total, n = 0.0, 0
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            
            optimizer.step()
            total += loss.item() * len(y)
            n += len(y)
        history["train_loss"].append(total / n)
        model.eval()
        total, right, n = 0.0, 0, 0
        with torch.no_grad():
            for x, y in val_loader:
                x, y = x.to(device), y.to(device)
                logits = model(x)
                total += F.cross_entropy(logits, y).item() * len(y)
                right += (logits.argmax(1) == y).sum().item()
                n += len(y)
        val_loss = total / n
        history["val_loss"].append(val_loss)
        history["val_acc"].append(right / n)
        
        if val_loss < best:
            best, best_epoch = val_loss, epoch
            history["best_epoch"] = epoch
            best_state = copy.deepcopy(model.state_dict())
            if checkpoint_path is not None:
                Path(checkpoint_path).parent.mkdir(parents=True, exist_ok=True)
                torch.save(best_state, checkpoint_path)
        if patience is not None and epoch - best_epoch >= patience:
            break
    for p, q in zip(model.parameters(), best_state.values()):
        p.data = q.clone()
    model.eval()
    return history
