"""The whole picture is shrunk, without looking for the digit."""
# title.es: Se encoge la imagen entera, sin buscar el dígito.
# hint.en: Your code shrinks the whole picture, so the digit has any size and place. Cut the digit out first, then scale and centre it.
# hint.es: Tu código encoge la imagen entera, así que el dígito queda con cualquier tamaño y en cualquier lugar. Recorta primero el dígito; después escálalo y céntralo.
# class: serious


def preprocess_digit(image):
    picture = Image.fromarray(image)
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    gray = np.asarray(picture.convert("L").resize((28, 28)), dtype=np.float32) / 255
    ink = torch.from_numpy(1 - gray)
    return ((ink - ink.median()) / (ink.max() - ink.median())).clamp(0, 1)[None, None]


def predict_digit(model: nn.Module, image: np.ndarray) -> tuple[int, torch.Tensor]:
    x = preprocess_digit(image)
    first = next(model.parameters(), None)
    if first is not None:
        x = x.to(first.device)
    model.eval()
    with torch.no_grad():
        probs = model(x).softmax(dim=1)[0].cpu()
    return probs.argmax().item(), probs


def confusion_matrix(predicted: torch.Tensor, actual: torch.Tensor, num_classes: int) -> torch.Tensor:
    pairs = actual * num_classes + predicted
    return torch.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)
