"""The classes count from 1."""
# title.es: Las clases se cuentan desde 1.
# hint.en: Your label 0 gets no 1 anywhere, because your classes begin at 1. Print one_hot of the label 0.
# hint.es: Tu etiqueta 0 no recibe ningún 1, porque tus clases empiezan en 1. Imprime one_hot de la etiqueta 0.
# class: fatal


def one_hot(y, num_classes):
    return (y.unsqueeze(-1) == torch.arange(1, num_classes + 1, device=y.device)).float()
