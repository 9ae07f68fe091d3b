"""The nearest of the tied labels wins."""
# hint.en: In a tie, the smallest of the labels
# hint.es: En caso de empate gana la menor


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    near = torch.cdist(Xte, Xtr).topk(k, largest=False).indices
    labels = ytr[near]
    votes = (labels[:, :, None] == labels[:, None, :]).sum(-1)
    return labels.gather(1, votes.argmax(1, keepdim=True)).flatten()
