"""The .grad of tensors that are no leaves is None."""
# hint: Only a leaf keeps its .grad
# pista: Solo una hoja guarda su .grad


def compute_z(a, b, c):
    return 2 * (a - b) + c


def grads_of(f, *xs):
    copies = [x.clone() if x.requires_grad else (x.clone() if x.is_floating_point() else x.float()).requires_grad_() for x in xs]
    f(*copies).backward()
    return tuple(copy.grad for copy in copies)
