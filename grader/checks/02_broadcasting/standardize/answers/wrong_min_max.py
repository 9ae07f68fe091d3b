"""Stretched from 0 to 1."""
# hint.en: between 0 and 1
# hint.es: van de 0 a 1


def standardize(X, dim=0, eps=1e-8):
    low, high = X.amin(dim, keepdim=True), X.amax(dim, keepdim=True)
    return (X - low) / (high - low + eps)
