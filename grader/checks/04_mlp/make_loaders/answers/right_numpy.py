"""NumPy's own generator, Subset, a RandomSampler; a list of two."""

import numpy as np
from torch.utils.data import RandomSampler

def make_loaders(X, y, batch_size, val_fraction, seed):
    samples = TensorDataset(X, y)
    order = np.random.default_rng(seed).permutation(len(samples)).tolist()
    n_train = round(len(samples) * (1 - val_fraction))
    train, val = Subset(samples, order[:n_train]), Subset(samples, order[n_train:])
    shuffled = RandomSampler(train, generator=torch.Generator().manual_seed(seed))
    return [DataLoader(train, batch_size, sampler=shuffled), DataLoader(val, batch_size)]
