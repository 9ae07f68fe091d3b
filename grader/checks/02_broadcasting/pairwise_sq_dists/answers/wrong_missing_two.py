"""The product x·y is subtracted once."""
# title.es: El producto x·y se resta una sola vez.
# hint.en: Your |x|² + |y|² - x·y is not the square of x - y. Multiply it out on paper.
# hint.es: Tu |x|² + |y|² - x·y no es el cuadrado de x - y. Desarróllalo en papel.
# class: fatal


def pairwise_sq_dists(X, Y):
    return ((X**2).sum(1)[:, None] + (Y**2).sum(1)[None] - X @ Y.T).clamp(min=0)
