"""The result is added to a table on the CPU."""
# title.es: El resultado se suma a una tabla en la CPU.
# hint.en: Your code makes a tensor without saying on which device, so it lies on the CPU even if the input lies on a GPU. Find that line, and the argument or method that takes the device of the input.
# hint.es: Tu código crea un tensor sin decir en qué dispositivo, así que queda en la CPU aunque la entrada esté en una GPU. Busca esa línea, y el argumento o método que toma el dispositivo de la entrada.
# class: serious


def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    table = torch.zeros(len(a), len(b), dtype=torch.promote_types(a.dtype, b.dtype))
    return table + a[:, None] * b
