"""The values are stretched to lie between 0 and 1."""
# title.es: Los valores se estiran para quedar entre 0 y 1.
# hint.en: Your code uses the smallest and the largest value. Which two numbers does the text subtract and divide by?
# hint.es: Tu código usa el valor menor y el mayor. ¿Qué dos números resta y divide el enunciado?
# class: fatal


def standardize(X, dim=0, eps=1e-8):
    low, high = X.amin(dim, keepdim=True), X.amax(dim, keepdim=True)
    return (X - low) / (high - low + eps)
