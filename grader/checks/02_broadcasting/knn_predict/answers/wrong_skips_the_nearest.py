"""The nearest point is skipped."""
# hint.en: The nearest point itself was left out
# hint.es: Te has saltado el punto más cercano


def knn_predict(Xtr, ytr, Xte, k):
    d = pairwise_sq_dists(Xte, Xtr)
    nearest = d.argsort(dim=1)[:, 1:k + 1]
    return one_hot(ytr[nearest], int(ytr.max()) + 1).sum(1).argmax(1)
