"""Scikit-learn finds the neighbours."""
# hint.en: knn_predict leaves its work to sklearn
# hint.es: knn_predict deja su trabajo en manos de sklearn

from sklearn.neighbors import KNeighborsClassifier


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    if len(Xte) == 0:
        return ytr[:0]
    model = KNeighborsClassifier(k, algorithm="brute").fit(Xtr.numpy(), ytr.numpy())
    return torch.from_numpy(model.predict(Xte.numpy()))
