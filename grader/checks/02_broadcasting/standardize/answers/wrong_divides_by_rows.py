"""Sums are always divided by the number of rows."""
# title.es: Las sumas se dividen siempre entre el número de filas.
# hint.en: Your n is X.shape[0] whatever dim is. How many values does a row have?
# hint.es: Tu n es X.shape[0] sea cual sea dim. ¿Cuántos valores tiene una fila?
# class: serious


def standardize(X, dim=0, eps=1e-8):
    n = X.shape[0]
    mean = X.sum(dim, keepdim=True) / n
    std = (((X - mean) ** 2).sum(dim, keepdim=True) / n).sqrt()
    return (X - mean) / (std + eps)
