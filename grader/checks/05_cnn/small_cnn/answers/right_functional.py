"""Layers as attributes, functions in forward, batch normalisation, global mean."""


def conv_out_size(size, kernel_size, stride=1, padding=0):
    return int((size + 2 * padding - kernel_size) / stride) + 1


class SmallCNN(nn.Module):
    def __init__(self, num_classes=10, dropout=0.25):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5, padding=2)
        self.norm = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 24, 3, stride=2, bias=False)
        self.conv3 = nn.Conv2d(24, 48, 3)
        self.dropout = dropout
        self.out = nn.Linear(48, num_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv1(x))), 2)
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x)).mean((2, 3))
        return self.out(F.dropout(x, self.dropout, training=self.training))
