"""Everything is computed in float32."""
# title.es: Todo se calcula en float32.
# hint.en: Your code converts to float32 on the way, and float64 inputs keep 7 of their 16 digits. Which step needs the conversion?
# hint.es: Tu código convierte a float32 por el camino, y las entradas float64 conservan 7 de sus 16 cifras. ¿Qué paso necesita la conversión?
# class: serious


def linear_loss_grads(w, b, x, y):
    dtype = w.dtype
    w, b, x, y = (v.float() for v in (w, b, x, y))
    error = w * x + b - y
    return (2 * (error * x).mean()).to(dtype), (2 * error.mean()).to(dtype)
