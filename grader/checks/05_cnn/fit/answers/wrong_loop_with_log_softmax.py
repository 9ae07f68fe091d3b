"""The loop measures in train mode and knows no best weights."""
# title.es: El bucle mide en modo train y no conoce los mejores pesos.
# hint.en: Your loop never leaves train mode, so dropout is on while you measure, and it forgets the best epoch. Set the mode for each of the two parts of an epoch first.
# hint.es: Tu bucle no sale nunca del modo train, así que el dropout sigue activo mientras mides, y olvida la mejor época. Empieza por poner el modo en cada una de las dos partes de una época.
# class: serious


def fit(model, train_loader, val_loader, *, epochs, lr=1e-3, patience=None, device="cpu", checkpoint_path=None, seed=None):
    criterion = nn.NLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    history = {"train_loss": [], "val_loss": [], "val_acc": [], "best_epoch": 0}
    for epoch in range(epochs):
        total = 0.0
        for images, labels in train_loader:
            log_ps = F.log_softmax(model(images), dim=1)
            loss = criterion(log_ps, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        test_loss, accuracy = 0.0, 0.0
        with torch.no_grad():
            for images, labels in val_loader:
                log_ps = F.log_softmax(model(images), dim=1)
                test_loss += criterion(log_ps, labels).item()
                equals = log_ps.topk(1, dim=1)[1].squeeze() == labels
                accuracy += equals.float().mean().item()
        history["train_loss"].append(total / len(train_loader))
        history["val_loss"].append(test_loss / len(val_loader))
        history["val_acc"].append(accuracy / len(val_loader))
    return history
