"""With PIL and NumPy; the matrix by one_hot."""


def preprocess_digit(image):
    array = np.array(image)
    if array.ndim == 3 and array.shape[2] == 4:
        alpha = array[..., 3:] / 255
        array = array[..., :3] * alpha + 255 * (1 - alpha)
    gray = array.astype(float) if array.ndim == 2 else array[..., :3].mean(axis=2)
    dark = np.percentile(gray, 60) - gray
    dark = np.where(dark > 0.25 * dark.max(), dark, 0) / dark.max()
    box = Image.fromarray(np.uint8(255 * dark)).getbbox()
    ink = Image.fromarray(np.uint8(255 * dark)).crop(box)
    factor = 20 / max(ink.size)
    ink = ink.resize([max(1, round(side * factor)) for side in ink.size], Image.Resampling.LANCZOS)
    small = np.asarray(ink) / 255
    canvas = np.zeros((56, 56))
    canvas[: small.shape[0], : small.shape[1]] = small
    y, x = np.indices(canvas.shape)
    dy = round(27.5 - (y * canvas).sum() / canvas.sum())
    dx = round(27.5 - (x * canvas).sum() / canvas.sum())
    canvas = np.roll(canvas, (dy, dx), axis=(0, 1))[14:42, 14:42]
    return torch.tensor(canvas, dtype=torch.float32).clamp(0, 1)[None, None]


@torch.no_grad()
def predict_digit(model, image):
    model = model.eval()
    x = preprocess_digit(image).to(next((p.device for p in model.parameters()), "cpu"))
    probs = F.softmax(model(x).squeeze(0), dim=-1).cpu()
    return int(probs.argmax()), probs


def confusion_matrix(predicted, actual, num_classes):
    return F.one_hot(actual, num_classes).T @ F.one_hot(predicted, num_classes)
