"""The picture is shrunk as it is."""
# hint.en: its centre of mass belongs at the centre
# hint.es: su centro de masas


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
