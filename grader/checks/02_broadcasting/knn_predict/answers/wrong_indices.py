"""The mode of positions."""
# hint: The vote was taken among the positions
# pista: Han votado las posiciones


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    near = torch.cdist(Xte, Xtr).topk(k, largest=False).indices
    return near.mode(dim=1).values
