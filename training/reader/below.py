"""The frozen layers in torch, where nothing has cached what they give: on a GPU that costs little.

The product runs them in int8 and rounds what each matrix takes to 8 bits, by the smallest and the
largest number of one sequence; what is trained above them has to meet states of that kind.
"""

from torch import Tensor, nn

from training.reader.model import Embeddings, Layer, Shape, fill
from training.reader.trunk import weights_path
from training.reader.weights import float_weights

_STEPS = 255  # of 8 bits without a sign


class Below(nn.Module):
    """The layers before `frozen`, and the embeddings."""

    def __init__(self, frozen: int, shape: Shape | None = None) -> None:
        super().__init__()
        shape = Shape() if shape is None else shape
        self.embeddings = Embeddings(shape)
        self.layer = nn.ModuleDict({str(number): Layer(shape) for number in range(frozen)})
        self._mask: Tensor | None = None
        for layer in self.layer.modules():
            if isinstance(layer, nn.Linear):
                layer.register_forward_pre_hook(self._round)
        self.eval().requires_grad_(requires_grad=False)

    @classmethod
    def of_the_reranker(cls, frozen: int) -> "Below":
        """Take the reranker's layers.

        Raises:
            ModelError: it is not on this machine.

        """
        below = cls(frozen)
        if fill(below, float_weights(weights_path())):
            raise ValueError(f"{weights_path()} lacks some of the first {frozen} layers")
        return below

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Give states, (b, t, d), of token ids, (b, t); `mask`, (b, t): false is padding."""
        self._mask = mask
        states: Tensor = self.embeddings(ids, types)
        for layer in self.layer.values():
            states = layer(states, mask[:, None, None, :])
        return states

    def _round(self, module: nn.Module, given: tuple[Tensor]) -> tuple[Tensor]:  # noqa: ARG002
        if self._mask is None:
            raise ValueError("nothing is being read")
        return (rounded(given[0], self._mask),)


def rounded(values: Tensor, mask: Tensor) -> Tensor:
    """Round each sequence's values, (b, t, d), to 8 bits, as ONNX's DynamicQuantizeLinear does."""
    own = values * mask[..., None]  # padding has no say in how far the numbers reach
    low = own.amin(dim=(1, 2), keepdim=True).clamp(max=0)  # (b, 1, 1)
    high = own.amax(dim=(1, 2), keepdim=True).clamp(min=0)
    step = ((high - low) / _STEPS).clamp(min=1e-12)
    zero = (-low / step).round()
    return (((values / step).round() + zero).clamp(0, _STEPS) - zero) * step
