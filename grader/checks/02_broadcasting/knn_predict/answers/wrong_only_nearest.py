"""k is ignored."""
# hint: Only the nearest point had a say
# pista: Solo ha opinado el punto más cercano


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    return ytr[torch.cdist(Xte, Xtr).argmin(dim=1)]
