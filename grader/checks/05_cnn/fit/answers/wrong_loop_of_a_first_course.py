"""The training loop knows no validation, no modes and no best weights."""
# title.es: El bucle de entrenamiento no tiene validación, ni modos, ni mejores pesos.
# hint.en: Your loop never runs the model on the validation samples. After each epoch's training, measure loss and accuracy on val_loader, in eval mode and without autograd.
# hint.es: Tu bucle no ejecuta nunca el modelo con las muestras de validación. Después de entrenar cada época, mide la pérdida y la exactitud con val_loader, en modo eval y sin autograd.
# class: fatal


def fit(model, train_loader, val_loader, *, epochs, lr=1e-3, patience=None, device="cpu", checkpoint_path=None, seed=None):
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    history = {"train_loss": [], "val_loss": [], "val_acc": [], "best_epoch": 0}
    for epoch in range(epochs):
        accuracy_hist_train = 0
        for x_batch, y_batch in train_loader:
            pred = model(x_batch)
            loss = loss_fn(pred, y_batch)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            is_correct = (torch.argmax(pred, dim=1) == y_batch).float()
            accuracy_hist_train += is_correct.sum()
        accuracy_hist_train /= len(train_loader.dataset)
        history["train_loss"].append(loss)
        history["val_acc"].append(accuracy_hist_train)
    return history
