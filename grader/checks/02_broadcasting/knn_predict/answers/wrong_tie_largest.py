"""The largest label wins a tie."""
# hint: In a tie, the smallest of the labels
# pista: En caso de empate gana la menor


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    near = torch.cdist(Xte, Xtr).topk(k, largest=False).indices
    top = int(ytr.max())
    return top - (top - ytr[near]).mode(dim=1).values
