"""One piece of the dataset goes to validation, at a place that the seed decides."""
# title.es: Un trozo seguido del dataset va a validación, en un lugar que decide la semilla.
# hint.en: Your validation part is one piece of the dataset. Data often come sorted, so it may hold one class alone: shuffle the numbers before you cut.
# hint.es: Tu parte de validación es un trozo seguido del dataset. Los datos suelen venir ordenados, así que puede tener una sola clase: baraja los números antes de cortar.
# class: fatal


def split_train_val(dataset, val_fraction, seed):
    n = round(val_fraction * len(dataset))
    start = seed % max(len(dataset), 1)
    val = [(start + i) % len(dataset) for i in range(n)]
    return Subset(dataset, [i for i in range(len(dataset)) if i not in set(val)]), Subset(dataset, val)
