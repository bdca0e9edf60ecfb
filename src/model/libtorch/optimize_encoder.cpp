#include "optimize_encoder.h"

#include <ATen/Parallel.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/constant_pooling.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/library.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/attention_kernel.h"
#include "packed_linear.h"
#include "quantized_linear.h"

namespace clipcls {
namespace {

using torch::Tensor;
using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

template <typename Stored>
HeadsView<Stored> view(const Tensor& tensor) {
  return {static_cast<Stored*>(tensor.data_ptr()), tensor.stride(0), tensor.stride(1), tensor.stride(2)};
}

template <typename Stored>
void attend_all(const AttentionSize& size, const Tensor& q, const Tensor& k, const Tensor& v,
                const Tensor& output) {
  at::parallel_for(0, q.size(0) * size.num_heads, 4, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> scratch(static_cast<std::size_t>(attention_scratch_size(size)));
    for (std::int64_t i = begin; i < end; ++i) {
      attend(size, i / size.num_heads, i % size.num_heads, view<const Stored>(q), view<const Stored>(k),
             view<const Stored>(v), view<Stored>(output), scratch.data());
    }
  });
}

/// scaled_dot_product_attention of q, k, v [batch, num_heads, length, head_width]. The output has the same
/// shape, and lies in memory as [batch, length, num_heads, head_width]: the projection behind it reads it so.
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, bool is_causal) {
  const auto is_known = [&](const Tensor& x) {
    return x.dim() == 4 && x.stride(3) == 1 && x.scalar_type() == q.scalar_type() && x.size(0) == q.size(0) &&
           x.size(1) == q.size(1) && x.size(3) == q.size(3);
  };
  const auto type = q.scalar_type();
  if (!is_known(q) || !is_known(k) || !is_known(v) || k.size(2) != v.size(2) ||
      (is_causal && q.size(2) != k.size(2)) || (type != torch::kFloat && type != torch::kBFloat16)) {
    return at::scaled_dot_product_attention(q, k, v, {}, 0.0, is_causal);
  }
  const AttentionSize size{q.size(1), q.size(2), k.size(2), q.size(3), is_causal};
  const Tensor output =
      torch::empty({q.size(0), q.size(2), q.size(1), q.size(3)}, q.options()).transpose(1, 2);
  if (type == torch::kFloat) {
    attend_all<float>(size, q, k, v, output);
  } else {
    attend_all<Bfloat16>(size, q, k, v, output);
  }
  return output;
}

Tensor linear(const Tensor& x, const c10::intrusive_ptr<LinearLayer>& layer,
              const std::optional<Tensor>& other) {
  return layer->forward(x, other);
}

/// Declares clipcls::linear and clipcls::attention, once a process.
void register_operators() {
  static const auto layer_class = torch::class_<LinearLayer>("clipcls", "LinearLayer");
  static torch::Library library(torch::Library::DEF, "clipcls", std::nullopt, __FILE__, __LINE__);
  static const bool is_done = [] {
    library.def(
        "linear(Tensor x, __torch__.torch.classes.clipcls.LinearLayer layer, Tensor? other) -> Tensor");
    library.def("attention(Tensor q, Tensor k, Tensor v, bool is_causal) -> Tensor");
    library.impl("linear", c10::DispatchKey::CPU, TORCH_FN(linear));
    library.impl("attention", c10::DispatchKey::CPU, TORCH_FN(attention));
    return true;
  }();
  static_cast<void>(is_done);
}

std::optional<Tensor> constant_tensor(Value* value) {
  const auto constant = torch::jit::toIValue(value);
  if (!constant || !constant->isTensor()) return std::nullopt;
  return constant->toTensor();
}

bool is_none(Value* value) { return value->mustBeNone(); }

/// The node that alone reads `value`.
Node* only_reader(Value* value) { return value->uses().size() == 1 ? value->uses()[0].user : nullptr; }

/// Whether a node between the two changes a tensor in place: then the first cannot be computed as late as the
/// second. Both stand in one block.
bool has_mutation_between(Node* first, Node* second) {
  for (Node* node = first->next(); node != second; node = node->next()) {
    if (!node->blocks().empty() || std::string_view(node->kind().toUnqualString()).ends_with('_'))
      return true;
  }
  return false;
}

std::optional<LinearActivation> activation_of(Node* node) {
  if (node->kind() == c10::Symbol::aten("relu")) return LinearActivation{"relu", ""};
  if (node->kind() == c10::Symbol::aten("silu")) return LinearActivation{"swish", ""};
  if (node->kind() == c10::Symbol::aten("gelu")) {
    const auto approximate = torch::jit::toIValue(node->input(1));
    if (approximate) return LinearActivation{"gelu", approximate->toStringRef()};
  }
  return std::nullopt;
}

/// aten::add(a, b) of two tensors without a factor.
bool is_plain_add(Node* node) {
  if (node->kind() != c10::Symbol::aten("add") || node->inputs().size() != 3) return false;
  const auto alpha = torch::jit::toIValue(node->input(2));
  return alpha && alpha->isInt() && alpha->toInt() == 1 &&
         node->input(1)->type()->isSubtypeOf(*c10::TensorType::get());
}

c10::intrusive_ptr<LinearLayer> make_layer(const Tensor& weight, const std::optional<Tensor>& bias,
                                           const LinearActivation& activation, bool is_quantized) {
  if (is_quantized) return c10::make_intrusive<QuantizedLinear>(weight, bias, activation);
  return c10::make_intrusive<PackedLinear>(weight, bias, activation);
}

void replace_linear(Graph& graph, Node* node, bool is_quantized) {
  const std::optional<Tensor> weight = constant_tensor(node->input(1));
  if (!weight || weight->dim() != 2) return;
  std::optional<Tensor> bias;
  if (!is_none(node->input(2))) {
    bias = constant_tensor(node->input(2));
    if (!bias) return;
  }

  LinearActivation activation;
  Node* last = node;  // the last node that the packed layer stands for
  Value* other = nullptr;
  Node* reader = only_reader(node->output());
  if (reader != nullptr && reader->owningBlock() == node->owningBlock() &&
      !has_mutation_between(node, reader)) {
    if (const auto fused = activation_of(reader)) {
      activation = *fused;
      last = reader;
    } else if (is_plain_add(reader)) {
      last = reader;
      other = reader->input(0) == node->output() ? reader->input(1) : reader->input(0);
    }
  }

  const torch::jit::WithInsertPoint here(last);
  const c10::intrusive_ptr<LinearLayer> layer = make_layer(*weight, bias, activation, is_quantized);
  Value* constant = graph.insertConstant(c10::IValue(layer));
  if (other == nullptr) other = graph.insertConstant(c10::IValue());
  Value* result =
      graph.insert(c10::Symbol::fromQualString("clipcls::linear"), {node->input(0), constant, other});
  last->output()->replaceAllUsesWith(result);
}

/// aten::scaled_dot_product_attention(q, k, v, mask, dropout, is_causal, scale, enable_gqa)
void replace_attention(Graph& graph, Node* node) {
  const auto dropout = torch::jit::toIValue(node->input(4));
  const auto grouped = torch::jit::toIValue(node->input(7));
  if (!is_none(node->input(3)) || !dropout || dropout->toDouble() != 0 || !is_none(node->input(6)) ||
      !grouped || grouped->toBool()) {
    return;
  }
  const torch::jit::WithInsertPoint here(node);
  Value* result = graph.insert(c10::Symbol::fromQualString("clipcls::attention"),
                               {node->input(0), node->input(1), node->input(2), node->input(5)});
  node->output()->replaceAllUsesWith(result);
}

void replace_operators(Graph& graph, Block* block, bool is_quantized) {
  // Collected first: replacing changes the list of nodes.
  const std::vector<Node*> nodes(block->nodes().begin(), block->nodes().end());
  for (Node* node : nodes) {
    for (Block* inner : node->blocks()) replace_operators(graph, inner, is_quantized);
    if (node->kind() == c10::Symbol::aten("linear")) replace_linear(graph, node, is_quantized);
    if (node->kind() == c10::Symbol::aten("scaled_dot_product_attention")) replace_attention(graph, node);
  }
}

}  // namespace

torch::jit::Module optimize_encoder(const torch::jit::Module& module, bool is_quantized) {
  register_operators();
  const torch::NoGradGuard no_grad;
  torch::jit::Module frozen = torch::jit::freeze_module(module);
  const std::shared_ptr<Graph> graph = frozen.get_method("forward").graph();
  replace_operators(*graph, graph->block(), is_quantized);
  torch::jit::EliminateDeadCode(graph);
  return frozen;
}

}  // namespace clipcls
