"""The values are divided by the variance."""
# title.es: Los valores se dividen entre la varianza.
# hint.en: Your divisor is the variance. How do variance and deviation belong together?
# hint.es: Tu divisor es la varianza. ¿Qué relación hay entre varianza y desviación?
# class: fatal


def standardize(X, dim=0, eps=1e-8):
    return (X - X.mean(dim, keepdim=True)) / (X.var(dim, correction=0, keepdim=True) + eps)
