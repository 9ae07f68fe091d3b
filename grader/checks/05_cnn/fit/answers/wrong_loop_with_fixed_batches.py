"""The size of a batch is written into the code."""
# title.es: El tamaño del batch está escrito en el código.
# hint.en: Your code gives every batch a size that is written into it, and the last batch of an epoch is smaller. Ask the batch itself for its size.
# hint.es: Tu código da a cada batch un tamaño que lleva escrito, y el último batch de una época es más pequeño. Pregúntale su tamaño al propio batch.
# class: fatal


def fit(model, train_loader, val_loader, *, epochs, lr=1e-3, patience=None, device="cpu", checkpoint_path=None, seed=None):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = {"train_loss": [], "val_loss": [], "val_acc": [], "best_epoch": 0}
    for i in range(epochs):
        trn_corr = 0
        for b, (X_train, y_train) in enumerate(train_loader):
            b += 1
            y_pred = model(X_train.view(4, 1, 4, 4))
            loss = criterion(y_pred, y_train)
            predicted = torch.max(y_pred.data, 1)[1]
            trn_corr += (predicted == y_train).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        history["train_loss"].append(loss)
        with torch.no_grad():
            for X_test, y_test in val_loader:
                y_val = model(X_test.view(4, 1, 4, 4))
        loss = criterion(y_val, y_test)
        history["val_loss"].append(loss)
        history["val_acc"].append(trn_corr.item() * 100 / (100 * b))
    return history
