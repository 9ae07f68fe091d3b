"""A batch of one image fails in train mode: BatchNorm1d after flattening."""
# title.es: Un batch de una sola imagen falla en modo train: BatchNorm1d después de aplanar.
# hint.en: Your network normalises over the batch after flattening, where one image gives one number a feature: of one number there are no statistics. Normalise before you flatten, where each channel has many numbers.
# hint.es: Tu red normaliza sobre el batch después de aplanar, donde una imagen da un solo número por característica: con uno solo no hay estadística. Normaliza antes de aplanar, donde cada canal tiene muchos números.
# class: serious


def conv_out_size(size, kernel_size, stride=1, padding=0):
    return (size + 2 * padding - kernel_size) // stride + 1


class SmallCNN(nn.Module):
    def __init__(self, num_classes=10, dropout=0.25):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.BatchNorm1d(800),
            nn.Dropout(dropout),
            nn.Linear(800, num_classes),
        )

    def forward(self, x):
        return self.layers(x)
