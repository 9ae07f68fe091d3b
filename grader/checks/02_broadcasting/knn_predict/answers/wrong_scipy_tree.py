"""A search tree of SciPy finds the neighbours."""
# hint.en: knn_predict leaves its work to scipy
# hint.es: knn_predict deja su trabajo en manos de scipy


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    from scipy.spatial import cKDTree

    _, nearest = cKDTree(Xtr.numpy()).query(Xte.numpy(), k)
    nearest = torch.from_numpy(nearest).reshape(len(Xte), k)
    return torch.nn.functional.one_hot(ytr[nearest], int(ytr.max()) + 1).sum(1).argmax(1)
