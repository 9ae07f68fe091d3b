"""Always divides by the number of rows."""
# hint.en: always the number of rows
# hint.es: entre el número de filas


def standardize(X, dim=0, eps=1e-8):
    n = X.shape[0]
    mean = X.sum(dim, keepdim=True) / n
    std = (((X - mean) ** 2).sum(dim, keepdim=True) / n).sqrt()
    return (X - mean) / (std + eps)
