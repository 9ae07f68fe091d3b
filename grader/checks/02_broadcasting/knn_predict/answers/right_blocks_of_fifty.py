"""The smallest blocks that the text allows."""

def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    found = []
    for start in range(0, len(Xte), 50):
        near = torch.cdist(Xte[start : start + 50], Xtr).topk(k, largest=False).indices
        found.append(torch.mode(ytr[near], dim=1).values)
    return torch.cat(found)
