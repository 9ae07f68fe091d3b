"""The validation samples are drawn with replacement."""
# title.es: Las muestras de validación se sortean con reemplazo.
# hint.en: Your validation part holds some samples several times, because each is drawn anew from all. Draw one order of all samples and cut it in two.
# hint.es: Tu parte de validación tiene algunas muestras varias veces, porque cada una se sortea de nuevo entre todas. Sortea un solo orden de todas las muestras y córtalo en dos.
# class: fatal


def split_train_val(dataset, val_fraction, seed):
    n = round(val_fraction * len(dataset))
    g = torch.Generator().manual_seed(seed)
    val = torch.randint(0, len(dataset), (n,), generator=g).tolist()
    return Subset(dataset, [i for i in range(len(dataset)) if i not in val]), Subset(dataset, val)
