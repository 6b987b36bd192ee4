"""Images a second of one training step in PyTorch, float64: the yardstick of the float model's benchmarks.

The same networks, batch and update as golden's BenchmarkMLPStep and BenchmarkVGG16Step. Prints one line each: name images/s.
"""
import os
import time
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(os.cpu_count())
torch.manual_seed(1)


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)), (784,)


def vgg16():
    layers, channels = [], 3
    for out in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if out == 0:
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.Conv2d(channels, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU()]
        channels = out
    layers += [nn.Flatten(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)]
    return nn.Sequential(*layers), (3, 32, 32)


for name, build, steps in (("MLPStep", mlp, 60), ("VGG16Step", vgg16, 2)):
    net, shape = build()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    x, y = torch.rand(32, *shape), torch.randint(0, 10, (32,))

    def step():
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()

    step()
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(steps):
            step()
        best = min(best, (time.perf_counter() - start) / steps)
    print(f"{name} {32 / best:.1f}")
