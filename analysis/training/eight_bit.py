"""Networks of ``Step``, ``Residual`` and ``Joined`` in 8-bit arithmetic, for processors that multiply bytes.

Weights get a scale for each output channel, activations one for each tensor, from the greatest value that pictures of
the training set gave (post-training static quantization; Jacob et al. 2018, Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference). All activations but the picture follow a ReLU, so that zero
is zero. Batch norms are folded into the weights first. The kernels are oneDNN's, through the operators that torch's own
compiler emits for quantized convolutions.
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from analysis.training.convolutions import Joined, Residual, Step

LEVELS = 255.0
# The picture as it comes, 0 to 255: in the networks' units (value - MIDDLE) / SPREAD - 0.5 / SPREAD.
MIDDLE, SPREAD = 127, 127.5
PREFIX = "greatest."


@cache
def has_byte_products() -> bool:
    """Whether this machine's processor adds up products of bytes in one instruction (AVX-512 VNNI)."""
    return torch.backends.mkldnn.is_available() and "avx512_vnni" in cpu_flags()


@cache
def has_bfloat16_products(device: str) -> bool:
    """Whether a device multiplies 16-bit floats faster than 32-bit ones."""
    if torch.device(device).type == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()) and "avx512_bf16" in cpu_flags()


def cpu_flags() -> str:
    """The processor's own words for what it can, or nothing where they cannot be read."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="ignore") as stream:  # noqa: PTH123
            return next((line for line in stream if line.startswith("flags")), "")
    except OSError:
        return ""


@torch.inference_mode()
def greatest_values(network: nn.Module, inputs: Iterable[Tensor]) -> dict[str, Tensor]:
    """The greatest value that each brick gave for some inputs: what ``in_eight_bits`` needs beside the weights.

    Args:
        network: in float, in evaluation mode.
        inputs: what its ``forward`` takes, picture by picture; training material, never what is measured on.

    Returns:
        One number a ``Step`` and ``Joined``, two a ``Residual`` (its first convolution, itself), under ``PREFIX`` and
        the module's name.
    """
    found: dict[str, Tensor] = {}

    def watch(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        def look(module: nn.Module, given: object, answer: Tensor) -> None:
            del module, given
            value = answer.max().float().reshape(()).clamp_min(1e-6)
            found[PREFIX + name] = torch.maximum(found.get(PREFIX + name, value), value)

        return look

    hooks = [
        module.register_forward_hook(watch(name))
        for name, module in network.named_modules()
        if isinstance(module, Step | Residual | Joined)
    ]
    try:
        for one in inputs:
            network(one)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def split(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Weights, and the greatest values stored beside them (empty where there are none)."""
    values = {name: tensor for name, tensor in tensors.items() if name.startswith(PREFIX)}
    return {name: tensor for name, tensor in tensors.items() if name not in values}, values


class Bytes:
    """An activation: (B, C, H, W) uint8 ``values``, worth ``scale`` a step."""

    __slots__ = ("scale", "values", "zero")

    def __init__(self, values: Tensor, scale: float, zero: int = 0) -> None:
        self.values, self.scale, self.zero = values, scale, zero


def picture_bytes(images: Tensor) -> Bytes:
    """(B, H, W, 3) uint8 as the first activation of a network that takes pictures in [-1, 1]."""
    return Bytes(images.permute(0, 3, 1, 2), 1 / SPREAD, MIDDLE)


class _Convolution:
    """One convolution with folded norm; packed when the first activation tells the scale it comes in."""

    def __init__(self, folded: nn.Conv2d, greatest: float | None) -> None:
        weight = folded.weight.detach().float()
        step = weight.abs().amax(dim=(1, 2, 3)).clamp_min(1e-8) / 127
        self.weight = (weight / step[:, None, None, None]).round().clamp(-127, 127).to(torch.int8)
        self.step, self.zeros = step, torch.zeros(len(step), dtype=torch.int64)
        bias = folded.bias
        self.bias = torch.zeros(len(step)) if bias is None else bias.detach().float()
        self.shape = [list(map(int, v)) for v in (folded.stride, folded.padding, folded.dilation)]
        self.scale = None if greatest is None else greatest / LEVELS
        self._packed: Tensor | None = None
        self._shifted = self.bias

    def __call__(self, x: Bytes, onto: Bytes | None = None) -> Tensor:
        """ReLU of the convolution, plus ``onto`` (overwritten) before it; raw 32-bit floats where no scale is known."""
        if self._packed is None:
            self._pack(x)
        given = (x.values, x.scale, x.zero, self._packed, self.step, self.zeros)
        if onto is not None:
            return torch.ops.onednn.qconv2d_pointwise.binary(
                *given, onto.values, self._shifted, *self.shape, 1, self.scale, 0, torch.uint8,
                onto.scale, 0, "sum", 1.0, "relu", [], "",
            )  # fmt: skip
        out = (
            (1.0, 0, torch.float32, "none")
            if self.scale is None
            else (self.scale, 0, torch.uint8, "relu")
        )
        return torch.ops.onednn.qconv2d_pointwise(
            *given, self._shifted, *self.shape, 1, *out, [], ""
        )

    def _pack(self, x: Bytes) -> None:
        stride, padding, dilation = self.shape
        self._packed = torch.ops.onednn.qconv_prepack(
            self.weight,
            self.step,
            x.scale,
            x.zero,
            stride,
            padding,
            dilation,
            1,
            list(x.values.shape),
        )
        if x.zero:
            # The picture's middle lies half a step beside a whole number.
            sums = self.weight.float().sum(dim=(1, 2, 3)) * self.step
            self._shifted = self.bias - 0.5 * x.scale * sums


class _StepInBytes(nn.Module):
    def __init__(self, step: Step, greatest: float) -> None:
        super().__init__()
        own, norm = step[0], step[1]
        if not isinstance(own, nn.Conv2d) or not isinstance(norm, nn.BatchNorm2d):
            raise TypeError("a Step begins with a convolution and its norm")
        self.convolution = _Convolution(fuse_conv_bn_eval(own, norm), greatest)
        self.scale = greatest / LEVELS

    def forward(self, x: Bytes) -> Bytes:
        return Bytes(self.convolution(x), self.scale)


class _ResidualInBytes(nn.Module):
    def __init__(self, residual: Residual, inner: float, greatest: float) -> None:
        super().__init__()
        self.one = _StepInBytes(residual.one, inner)
        self.two = _Convolution(fuse_conv_bn_eval(residual.two, residual.norm), greatest)
        self.scale = greatest / LEVELS

    def forward(self, x: Bytes) -> Bytes:
        return Bytes(self.two(self.one(x), onto=x), self.scale)


class _JoinedInBytes(nn.Module):
    def __init__(self, greatest: float) -> None:
        super().__init__()
        self.scale = greatest / LEVELS

    def forward(self, fine: Bytes, coarse: Bytes) -> Bytes:
        # In steps of the answer, with the half that makes cutting off a rounding.
        small = coarse.values.bfloat16().mul_(coarse.scale / self.scale).add_(0.5)
        grown = Joined.grown(small, fine.values)
        grown.add_(fine.values, alpha=fine.scale / self.scale)
        return Bytes(grown.clamp_(max=LEVELS).to(torch.uint8), self.scale)


class _LastInBytes(nn.Module):
    def __init__(self, last: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = _Convolution(last, None)

    def forward(self, x: Bytes) -> Tensor:
        return self.convolution(x)


def in_eight_bits(network: nn.Module, greatest: Mapping[str, Tensor]) -> nn.Module:
    """A copy of a network that takes ``picture_bytes`` and gives what the network gives, a little coarser.

    Args:
        network: its ``forward`` may only put together ``Step``, ``Residual``, ``Joined`` and a last ``nn.Conv2d``.
        greatest: of ``greatest_values``.

    Raises:
        KeyError: the values are those of another network.
    """
    copied = copy.deepcopy(network).eval().cpu().float()

    def value(name: str) -> float:
        return float(greatest[PREFIX + name])

    def replace(parent: nn.Module, path: str) -> None:
        for child_name, child in parent.named_children():
            name = f"{path}{child_name}"
            if isinstance(child, Residual):
                new: nn.Module = _ResidualInBytes(child, value(f"{name}.one"), value(name))
            elif isinstance(child, Step):
                new = _StepInBytes(child, value(name))
            elif isinstance(child, Joined):
                new = _JoinedInBytes(value(name))
            elif isinstance(child, nn.Conv2d):
                new = _LastInBytes(child)
            else:
                replace(child, f"{name}.")
                continue
            setattr(parent, child_name, new)

    replace(copied, "")
    return copied
