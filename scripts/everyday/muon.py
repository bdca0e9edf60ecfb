"""Muon (K. Jordan and others, 2024): momentum whose every step on a weight matrix is made orthogonal."""

import torch


def orthogonal(matrix, steps=3, eps=1e-7):
    """About the nearest orthogonal matrix, by Newton and Schulz's iteration of the fifth order."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.bfloat16()
    x = x / (x.norm() + eps)
    turned = x.shape[0] > x.shape[1]
    if turned:
        x = x.T
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if turned else x).float()


class Muon(torch.optim.Optimizer):
    """For convolutions: the weights keep their norm, so that `lr` is the share by which a step turns them."""

    def __init__(self, params, lr, momentum=0.6):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state["momentum"] = torch.zeros_like(p)
                buffer = state["momentum"]
                buffer.mul_(group["momentum"]).add_(p.grad)
                gradient = p.grad + group["momentum"] * buffer
                p.mul_(len(p) ** 0.5 / p.norm())
                p.add_(orthogonal(gradient.reshape(len(p), -1)).view_as(p), alpha=-group["lr"])
