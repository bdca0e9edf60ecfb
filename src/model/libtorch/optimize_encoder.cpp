// Freezing makes one graph of an encoder, with its weights as constants. In that graph linear layers and
// attention are found by their operators and replaced by clipcls::linear and clipcls::attention, our own
// operators. What is not recognised stays as it is.
#include "optimize_encoder.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/library.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attention.h"
#include "fast_linear.h"

namespace clipcls {
namespace {

using at::Tensor;
using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

Tensor linear(const Tensor& x, const c10::intrusive_ptr<LinearLayer>& layer,
              const std::optional<Tensor>& other) {
  return layer->forward(x, other);
}

/// A layer in a stranger's graph. Our kernels read what they are told to: it refuses what aten::linear
/// refuses.
class CheckedLinear final : public LinearLayer {
 public:
  /// weight: [out_features, in_features], that of `layer`.
  CheckedLinear(c10::intrusive_ptr<LinearLayer> layer, const Tensor& weight)
      : layer_(std::move(layer)), num_inputs_(weight.size(1)), type_(weight.scalar_type()) {}

  Tensor forward(const Tensor& x, const std::optional<Tensor>& other) override {
    TORCH_CHECK(x.dim() > 0 && x.size(-1) == num_inputs_, "a linear layer takes rows of ", num_inputs_,
                " numbers, and gets ", x.sizes());
    TORCH_CHECK(x.scalar_type() == type_, "a linear layer of ", type_, " gets ", x.scalar_type());
    return layer_->forward(x, other);
  }

 private:
  c10::intrusive_ptr<LinearLayer> layer_;
  std::int64_t num_inputs_;
  at::ScalarType type_;
};

/// Declares clipcls::linear and clipcls::attention, once a process.
void register_operators() {
  static const auto layer_class = torch::class_<LinearLayer>("clipcls", "LinearLayer");
  static torch::Library library(torch::Library::DEF, "clipcls", std::nullopt, __FILE__, __LINE__);
  static const bool is_done = [] {
    library.def(
        "linear(Tensor x, __torch__.torch.classes.clipcls.LinearLayer layer, Tensor? other) -> Tensor");
    library.def("attention(Tensor q, Tensor k, Tensor v, Tensor? mask, bool is_causal) -> Tensor");
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

/// Whether a node may write into a tensor that it is given. Inside a block anything may.
bool is_mutation(Node* node) {
  const torch::jit::FunctionSchema* schema = node->maybeSchema();
  return !node->blocks().empty() || (schema != nullptr && schema->is_mutable());
}

/// Whether a node between the two changes a tensor in place: then the first cannot be computed as late as the
/// second. Both stand in one block.
bool has_mutation_between(Node* first, Node* second) {
  for (Node* node = first->next(); node != second; node = node->next()) {
    if (is_mutation(node)) return true;
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
  // a + alpha * b: with another factor the fused operator would compute something else.
  const auto alpha = torch::jit::toIValue(node->input(2));
  return alpha && alpha->isInt() && alpha->toInt() == 1 &&
         node->input(1)->type()->isSubtypeOf(*c10::TensorType::get());
}

/// The layers of an encoder: forward and forward_shared_prefix read the same constants, and each layer is
/// packed once.
class PackedLayers {
 public:
  explicit PackedLayers(int weight_bits) : weight_bits_(weight_bits) {}

  /// weight, bias: constants of the graph.
  c10::intrusive_ptr<LinearLayer> get(const Tensor& weight, const std::optional<Tensor>& bias,
                                      const LinearActivation& activation) {
    for (const Packed& packed : packed_) {
      const bool has_same_bias = bias ? packed.bias && is_same(*packed.bias, *bias) : !packed.bias;
      if (is_same(packed.weight, weight) && has_same_bias && packed.activation == activation)
        return packed.layer;
    }
    // A layer keeps nothing that lies in the mapped file: weights are packed at the first use.
    const std::optional<Tensor> own_bias = bias ? std::optional(bias->clone()) : std::nullopt;
    c10::intrusive_ptr<LinearLayer> layer =
        weight_bits_ > 0
            ? make_quantized_linear(weight, own_bias, activation, weight_bits_)
            : make_fast_linear([weight] { return weight; }, own_bias, activation, weight.scalar_type());
    packed_.push_back({weight, bias, activation, c10::make_intrusive<CheckedLinear>(layer, weight)});
    return packed_.back().layer;
  }

 private:
  struct Packed {
    Tensor weight;  ///< kept as long as its address stands for it
    std::optional<Tensor> bias;
    LinearActivation activation;
    c10::intrusive_ptr<LinearLayer> layer;
  };

  /// Whether they are the same numbers at the same place.
  static bool is_same(const Tensor& a, const Tensor& b) {
    return a.const_data_ptr() == b.const_data_ptr() && a.sizes() == b.sizes() && a.strides() == b.strides() &&
           a.scalar_type() == b.scalar_type();
  }

  int weight_bits_;
  std::vector<Packed> packed_;
};

/// Returns whether it could.
bool replace_linear(Graph& graph, Node* node, PackedLayers& layers) {
  const std::optional<Tensor> weight = constant_tensor(node->input(1));
  // No constant, so no weight: a product of two things that are computed.
  if (!weight || weight->dim() != 2 || weight->numel() == 0) return false;
  if (weight->scalar_type() != at::kFloat && weight->scalar_type() != at::kBFloat16) return false;
  std::optional<Tensor> bias;
  if (!is_none(node->input(2))) {
    bias = constant_tensor(node->input(2));
    const bool fits =
        bias && bias->sizes() == weight->sizes().slice(0, 1) && bias->scalar_type() == weight->scalar_type();
    if (!fits) return false;
  }

  LinearActivation activation;
  Node* last = node;  // the last node that the packed layer stands for
  Value* other = nullptr;
  // What one node alone reads can be computed together with it; another reader would miss the value in
  // between.
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

  // At the last of them, where the other summand exists in any case.
  const torch::jit::WithInsertPoint here(last);
  Value* constant = graph.insertConstant(c10::IValue(layers.get(*weight, bias, activation)));
  if (other == nullptr) other = graph.insertConstant(c10::IValue());
  Value* result =
      graph.insert(c10::Symbol::fromQualString("clipcls::linear"), {node->input(0), constant, other});
  last->output()->replaceAllUsesWith(result);
  return true;
}

/// aten::scaled_dot_product_attention(q, k, v, mask, dropout, is_causal, scale, enable_gqa). Returns whether
/// it could.
bool replace_attention(Graph& graph, Node* node) {
  const auto dropout = torch::jit::toIValue(node->input(4));
  const auto grouped = torch::jit::toIValue(node->input(7));
  // The kernel has the usual scale, no dropout and as many heads of keys as of queries.
  if (!dropout || dropout->toDouble() != 0 || !is_none(node->input(6)) || !grouped || grouped->toBool()) {
    return false;
  }
  const torch::jit::WithInsertPoint here(node);
  Value* result =
      graph.insert(c10::Symbol::fromQualString("clipcls::attention"),
                   {node->input(0), node->input(1), node->input(2), node->input(3), node->input(5)});
  node->output()->replaceAllUsesWith(result);
  return true;
}

void replace_operators(Graph& graph, Block* block, PackedLayers& layers, NetworkOptimization& counted) {
  // Collected first: replacing changes the list of nodes.
  const std::vector<Node*> nodes(block->nodes().begin(), block->nodes().end());
  for (Node* node : nodes) {
    for (Block* inner : node->blocks()) replace_operators(graph, inner, layers, counted);
    const auto count = [](ReplacedOperators& operators, bool is_replaced) {
      ++operators.num_all;
      operators.num_replaced += is_replaced ? 1 : 0;
    };
    if (node->kind() == c10::Symbol::aten("linear"))
      count(counted.linear_layers, replace_linear(graph, node, layers));
    if (node->kind() == c10::Symbol::aten("scaled_dot_product_attention"))
      count(counted.attentions, replace_attention(graph, node));
  }
}

void copy_constants(Block* block) {
  for (Node* node : block->nodes()) {
    for (Block* inner : node->blocks()) copy_constants(inner);
    const auto value = c10::attr::value;
    if (node->kind() == c10::prim::Constant && node->hasAttribute(value) &&
        node->kindOf(value) == torch::jit::AttributeKind::t) {
      node->t_(value, node->t(value).clone());
    }
  }
}

}  // namespace

OptimizedEncoder optimize_encoder(const torch::jit::Module& module, int weight_bits, bool copies_weights) {
  register_operators();
  const at::NoGradGuard no_grad;
  std::vector<std::string> methods;
  // Freezing keeps forward and what is named here.
  if (module.find_method(kSharedPrefixMethod)) methods.emplace_back(kSharedPrefixMethod);
  OptimizedEncoder optimized = {torch::jit::freeze_module(module, methods), {}};
  methods.emplace_back("forward");
  PackedLayers layers(weight_bits);
  // Both methods share the packed layers, so that a weight lies in memory once.
  for (const std::string& method : methods) {
    const std::shared_ptr<Graph> graph = optimized.module.get_method(method).graph();
    optimized.replaced = {};  // forward is the last one
    replace_operators(*graph, graph->block(), layers, optimized.replaced);
    // The operators that were replaced still stand there, and would hold their weights.
    torch::jit::EliminateDeadCode(graph);
    if (copies_weights) copy_constants(graph->block());
  }
  return optimized;
}

}  // namespace clipcls
