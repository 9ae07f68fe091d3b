"""Divides by the variance."""
# hint.en: the deviation is its square root
# hint.es: la desviación es su raíz cuadrada


def standardize(X, dim=0, eps=1e-8):
    return (X - X.mean(dim, keepdim=True)) / (X.var(dim, correction=0, keepdim=True) + eps)
