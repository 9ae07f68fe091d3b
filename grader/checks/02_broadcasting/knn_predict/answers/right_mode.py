"""torch.mode of the sorted distances' labels."""


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    order = torch.cdist(Xte, Xtr).argsort(dim=1)
    return ytr[order[:, :k]].mode(dim=1).values
