"""NumPy reads the pixels; the labels are kept as a tensor."""

import numpy as np


class ImageDataset(Dataset):
    def __init__(self, paths, labels, transform=None):
        self.files = [str(path) for path in paths]
        self.labels = torch.tensor(labels)
        self.transform = transform

    def __len__(self):
        return self.labels.numel()

    def __getitem__(self, i):
        with Image.open(self.files[i]) as picture:
            pixels = np.array(picture.convert("L"), dtype=np.float32)
        x = torch.from_numpy(pixels / 255)[None]
        if self.transform:
            x = self.transform(x)
        return x, self.labels[i].item()
