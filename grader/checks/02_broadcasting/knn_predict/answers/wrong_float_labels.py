"""Labels as decimal numbers."""
# hint: Labels are whole numbers
# pista: Las etiquetas son números enteros


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    near = torch.cdist(Xte, Xtr).topk(k, largest=False).indices
    return ytr.float()[near].mode(dim=1).values
