"""In small functions; the best weights cloned one by one; sums of tensors; inference mode."""


def fit(model, train_loader, val_loader, *, epochs, lr=1e-3, patience=None, device="cpu", checkpoint_path=None, seed=None):
    def one_pass(loader, optimizer=None):
        model.train(optimizer is not None)
        total, hits, n = 0.0, 0, 0
        with torch.set_grad_enabled(optimizer is not None):
            for x, y in loader:
                x, y = x.to(device), y.to(device)
                logits = model(x)
                loss = criterion(logits, y)
                if optimizer is not None:
                    optimizer.zero_grad(set_to_none=False)
                    loss.backward()
                    optimizer.step()
                total += float(loss) * x.size(0)
                hits += int((logits.argmax(dim=-1) == y).sum())
                n += x.size(0)
        return total / n, hits / n

    if seed is not None:
        torch.manual_seed(seed)
    model = model.to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr)
    train_losses, val_losses, accuracies = [], [], []
    best, best_epoch = {}, -1
    for epoch in range(epochs):
        train_losses.append(one_pass(train_loader, optimizer)[0])
        loss, accuracy = one_pass(val_loader)
        val_losses.append(loss)
        accuracies.append(accuracy)
        if best_epoch < 0 or loss < val_losses[best_epoch]:
            best_epoch = epoch
            best = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
            if checkpoint_path is not None:
                Path(checkpoint_path).parent.mkdir(exist_ok=True, parents=True)
                torch.save(best, checkpoint_path)
        if patience is not None and epoch - best_epoch >= patience:
            break
    model.load_state_dict(best)
    model.train(False)
    return {"train_loss": train_losses, "val_loss": val_losses, "val_acc": accuracies, "best_epoch": best_epoch}
