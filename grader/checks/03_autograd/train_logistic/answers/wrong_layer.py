"""A linear layer is the model."""
# title.es: Una capa lineal es el modelo.
# hint.en: Your code leaves the model or its steps to torch.nn or torch.optim, which are not for this exercise. Two tensors with requires_grad=True are the whole model: how is one of them updated by hand?
# hint.es: Tu código deja el modelo o sus pasos a torch.nn o torch.optim, que no son para este ejercicio. Dos tensores con requires_grad=True son todo el modelo: ¿cómo se actualiza uno de ellos a mano?
# class: serious


import torch.nn as nn


def train_logistic(X, y, lr, steps):
    model = nn.Linear(X.shape[1], 1, dtype=X.dtype, device=X.device)
    for p in model.parameters():
        p.data.zero_()
    history = []
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(model(X)[:, 0], y)
        history.append(loss.item())
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
    return model.weight.detach()[0], model.bias.detach()[0], history
