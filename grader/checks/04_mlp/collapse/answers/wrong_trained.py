"""A layer is trained in place of computed"""
# title.es: Se entrena una capa en lugar de calcularla
# hint.en: Your layer is trained to imitate the stack, so it is right to a few digits. The product can be computed from the weights, exactly.
# hint.es: Tu capa se entrena para imitar a la pila, así que acierta unas pocas cifras. El producto se puede calcular con los pesos, exactamente.
# class: serious


def collapse(layers):
    torch.manual_seed(0)
    n, m = layers[0].in_features, layers[-1].out_features
    result = nn.Linear(n, m, dtype=layers[0].weight.dtype)
    optimizer = torch.optim.Adam(result.parameters(), lr=0.05)
    for _ in range(200):
        x = torch.randn(64, n, dtype=layers[0].weight.dtype)
        loss = ((result(x) - layers(x).detach()) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return result
