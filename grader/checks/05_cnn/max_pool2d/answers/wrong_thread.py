"""PyTorch's own pooling does the work."""
# title.es: El trabajo lo hace el pooling de PyTorch.
# hint.en: Your code leaves the work to PyTorch's own pooling. The exercise is to write it yourself: look at each window, or at each position in the windows, and keep the largest value.
# hint.es: Tu código deja el trabajo al pooling de PyTorch. El ejercicio consiste en escribirlo tú: mira cada ventana, o cada posición dentro de las ventanas, y quédate con el mayor valor.
# class: fatal


def max_pool2d(x, k, stride=None):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(F.max_pool2d, x, k, stride).result()
