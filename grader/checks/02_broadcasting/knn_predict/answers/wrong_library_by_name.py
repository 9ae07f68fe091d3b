"""Another library finds the neighbours."""
# title.es: Otra biblioteca encuentra los vecinos.
# hint.en: Your code leaves the neighbours to another library, and finding them is the exercise. Which of your earlier exercises gives all the distances?
# hint.es: Tu código deja los vecinos a otra biblioteca, y encontrarlos es el ejercicio. ¿Cuál de tus ejercicios anteriores da todas las distancias?
# class: fatal

from importlib import import_module


def knn_predict(Xtr: torch.Tensor, ytr: torch.Tensor, Xte: torch.Tensor, k: int) -> torch.Tensor:
    tree = import_module("scipy.spatial").cKDTree(Xtr.cpu().numpy())
    nearest = torch.from_numpy(tree.query(Xte.cpu().numpy(), k)[1]).reshape(len(Xte), k).to(ytr.device)
    return ytr[nearest].mode(dim=1).values
