"""The nearest point is left out."""
# title.es: El punto más cercano se queda fuera.
# hint.en: Your neighbours begin at position 1 of the order, as if the nearest were the point itself. Is a test point among the training points?
# hint.es: Tus vecinos empiezan en la posición 1 del orden, como si el más cercano fuera el propio punto. ¿Está un punto de test entre los de entrenamiento?
# class: serious


def knn_predict(Xtr, ytr, Xte, k):
    d = pairwise_sq_dists(Xte, Xtr)
    nearest = d.argsort(dim=1)[:, 1:k + 1]
    return one_hot(ytr[nearest], int(ytr.max()) + 1).sum(1).argmax(1)
