"""The best loss starts at 1, validation builds a graph, and the best weights are never loaded."""
# title.es: La mejor pérdida empieza en 1, la validación construye un grafo y los mejores pesos no se cargan nunca.
# hint.en: Your loop trains well, but what comes after is missing: here every loss is above 1, so nothing counts as the best, nothing is loaded back, and patience, device and seed are never used. Begin with the best loss.
# hint.es: Tu bucle entrena bien, pero falta lo que sigue: aquí todas las pérdidas pasan de 1, así que nada cuenta como lo mejor, nada se carga de vuelta y no se usan patience, device ni seed. Empieza por la mejor pérdida.
# class: serious


def fit(model, train_loader, val_loader, *, epochs, lr=1e-3, patience=None, device="cpu", checkpoint_path=None, seed=None):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    best_val_loss = 1
    train_losses, val_losses, val_accuracies = [], [], []
    for epoch in range(epochs):
        model.train()
        running_loss = 0
        for images, labels in train_loader:
            optimizer.zero_grad()
            output = model(images)
            loss = criterion(output, labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        train_losses.append(running_loss / len(train_loader))
        model.eval()
        val_loss, accuracy = 0, 0
        for images, labels in val_loader:
            output = model(images)
            val_loss += criterion(output, labels).item()
            probabilities = torch.softmax(output, dim=1)
            accuracy += (probabilities.argmax(1) == labels).float().mean().item()
        val_losses.append(val_loss / len(val_loader))
        val_accuracies.append(accuracy / len(val_loader))
        if val_losses[-1] < best_val_loss:
            best_val_loss = val_losses[-1]
            torch.save(model.state_dict(), checkpoint_path or "best.pt")
    return {"train_loss": train_losses, "val_loss": val_losses, "val_acc": val_accuracies, "best_epoch": 0}
