"""A loop in Python goes over the points, in whatever form."""
# title.es: Un bucle de Python recorre los puntos, en la forma que sea.
# hint.en: Your code goes from item to item in Python, in whatever form, and each step costs about a microsecond. Which tensor operation does all of them at once?
# hint.es: Tu código va de elemento en elemento en Python, en la forma que sea, y cada paso cuesta alrededor de un microsegundo. ¿Qué operación con tensores los hace todos a la vez?
# class: serious


rows = lambda X, Y: (((Y - x) ** 2).sum(-1) for x in X)


def pairwise_sq_dists(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    return torch.stack(list(rows(X, Y))) if len(X) else X @ Y.T
