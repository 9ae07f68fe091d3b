"""Another library finds the neighbours."""
# title.es: Otra biblioteca encuentra los vecinos.
# hint.en: Your code leaves the neighbours to another library, and finding them is the exercise. Which of your earlier exercises gives all the distances?
# hint.es: Tu código deja los vecinos a otra biblioteca, y encontrarlos es el ejercicio. ¿Cuál de tus ejercicios anteriores da todas las distancias?
# class: fatal


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    from scipy.spatial import cKDTree

    _, nearest = cKDTree(Xtr.numpy()).query(Xte.numpy(), k)
    nearest = torch.from_numpy(nearest).reshape(len(Xte), k)
    return torch.nn.functional.one_hot(ytr[nearest], int(ytr.max()) + 1).sum(1).argmax(1)
