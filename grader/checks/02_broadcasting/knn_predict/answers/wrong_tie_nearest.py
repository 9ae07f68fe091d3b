"""The nearest of the tied labels wins."""
# title.es: En un empate gana la etiqueta más cercana.
# hint.en: Your vote is right but for ties. Which of several labels with the most votes does the text choose?
# hint.es: Tu votación es correcta salvo en los empates. ¿Cuál de varias etiquetas con más votos elige el enunciado?
# class: serious


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    near = torch.cdist(Xte, Xtr).topk(k, largest=False).indices
    labels = ytr[near]
    votes = (labels[:, :, None] == labels[:, None, :]).sum(-1)
    return labels.gather(1, votes.argmax(1, keepdim=True)).flatten()
