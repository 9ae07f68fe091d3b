"""Votes counted in a table on the CPU."""
# hint: device=x.device
# pista: device=x.device


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    near = torch.cdist(Xte, Xtr).topk(k, largest=False).indices
    votes = torch.zeros(len(Xte), 100)
    votes.scatter_add_(1, ytr[near], torch.ones(len(Xte), k))
    return votes.argmax(dim=1)
