"""Two loops fill a float32 table."""
# title.es: Dos bucles llenan una tabla float32.
# hint.en: Your code takes every pair of points by itself, into a table that is float32 whatever the points are. Which shapes let all pairs meet in one subtraction?
# hint.es: Tu código toma cada par de puntos por separado, en una tabla que es float32 sean como sean los puntos. ¿Qué formas dejan que todos los pares se encuentren en una sola resta?
# class: serious


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    table = torch.zeros(len(X), len(Y))
    for i in range(len(X)):
        for j in range(len(Y)):
            table[i, j] = ((X[i] - Y[j]) ** 2).sum()
    return table
