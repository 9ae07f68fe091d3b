"""Blocks of ten test points."""
# title.es: Bloques de diez puntos de prueba.
# hint.en: Your code loops over blocks of ten test points, and the text allows blocks of 50 or more. How many can you take at once?
# hint.es: Tu código recorre bloques de diez puntos de test, y el enunciado permite bloques de 50 o más. ¿Cuántos puedes tomar a la vez?
# class: formal


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    found = []
    for start in range(0, len(Xte), 10):
        near = torch.cdist(Xte[start : start + 10], Xtr).topk(k, largest=False).indices
        found.append(torch.mode(ytr[near], dim=1).values)
    return torch.cat(found)
