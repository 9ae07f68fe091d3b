"""Two loops into a float32 table."""
# hint.en: There is a Python loop
# hint.es: Hay un bucle de Python


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    table = torch.zeros(len(X), len(Y))
    for i in range(len(X)):
        for j in range(len(Y)):
            table[i, j] = ((X[i] - Y[j]) ** 2).sum()
    return table
