"""It trains a layer in place of computing it."""
# hint.en: It is nearly right
# hint.es: Es casi correcto


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
