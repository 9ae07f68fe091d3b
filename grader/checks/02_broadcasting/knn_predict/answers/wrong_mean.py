"""The mean of the labels."""
# hint: The labels were averaged
# pista: Has promediado las etiquetas


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    near = torch.cdist(Xte, Xtr).topk(k, largest=False).indices
    return ytr[near].float().mean(dim=1).round().long()
