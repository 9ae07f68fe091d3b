"""BatchNorm1d after flattening: one image has no statistics in train mode."""
# hint.en: of one image there is nothing to normalise by
# hint.es: con una sola imagen no hay con qué normalizar


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
