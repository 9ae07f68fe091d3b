"""topk gives the largest."""
# hint: These are the labels of the farthest points
# pista: Estas son las etiquetas de los puntos más lejanos


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    far = torch.cdist(Xte, Xtr).topk(k).indices
    return ytr[far].mode(dim=1).values
