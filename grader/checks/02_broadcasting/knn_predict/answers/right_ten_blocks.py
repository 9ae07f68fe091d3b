"""Ten blocks, however many points there are."""


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    near = [torch.cdist(part, Xtr).topk(k, largest=False).indices for part in Xte.chunk(10)]
    return torch.mode(ytr[torch.cat(near)], dim=1).values
