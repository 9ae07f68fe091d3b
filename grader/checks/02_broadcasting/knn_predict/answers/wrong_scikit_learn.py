"""Another library finds the neighbours."""
# title.es: Otra biblioteca encuentra los vecinos.
# hint.en: Your code leaves the neighbours to another library, and finding them is the exercise. Which of your earlier exercises gives all the distances?
# hint.es: Tu código deja los vecinos a otra biblioteca, y encontrarlos es el ejercicio. ¿Cuál de tus ejercicios anteriores da todas las distancias?
# class: fatal

from sklearn.neighbors import KNeighborsClassifier


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    if len(Xte) == 0:
        return ytr[:0]
    model = KNeighborsClassifier(k, algorithm="brute").fit(Xtr.numpy(), ytr.numpy())
    return torch.from_numpy(model.predict(Xte.numpy()))
