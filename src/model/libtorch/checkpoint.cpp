#include <ATen/ops/cat.h>
#include <cmath>
#include <system_error>
#include <vector>

#include "checkpoint/checkpoint_config.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/tensor_names.h"
#include "checkpoint/tokenizer_files.h"
#include "clip_weights.h"
#include "clipcls/error.h"
#include "model_error.h"
#include "text_output/format_number.h"
#include "weights_file.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// Runs `action`, whose errors do not name the file.
template <typename Action>
auto in_file(const fs::path& file, const Action& action) {
  try {
    return action();
  } catch (const Error& error) {
    throw Error(error.kind(), file.string() + ": " + error.what());
  }
}

StateDict read_weights(const CheckpointFiles& files) {
  StateDict state_dict;
  for (const fs::path& file : files.weights) {
    in_file(file, [&] { read_weights_file(file, state_dict); });
  }
  // Training in parallel and torch.compile put these before every name.
  for (const char* prefix : {"module.", "_orig_mod."}) state_dict.strip_prefix(prefix);
  return state_dict;
}

// By the names of the tensors: files are called anything.
CheckpointFormat recognize_format(const StateDict& state_dict) {
  if (state_dict.has_prefix("vision_model.")) return CheckpointFormat::kTransformers;
  if (state_dict.has_prefix("visual.")) return CheckpointFormat::kOpenClip;
  fail(
      "has neither open_clip's tensors (visual.conv1.weight, ...) nor those of transformers' CLIPModel "
      "(vision_model.embeddings.class_embedding, ...); its first is " +
      state_dict.first_name());
}

CheckpointConfig find_config(const CheckpointFiles& files, const fs::path& given, CheckpointFormat format) {
  const bool is_open_clip = format == CheckpointFormat::kOpenClip;
  const fs::path& beside = is_open_clip ? files.open_clip_config : files.transformers_config;
  const fs::path& file = given.empty() ? beside : given;
  if (file.empty()) {
    fail(files.named.string() +
         ": its configuration is needed, since the number of heads and QuickGELU or GELU cannot be read from "
         "weights; give it as `config`: " +
         (is_open_clip
              ? "open_clip's open_clip_config.json or its own model config such as ViT-B-32-quickgelu.json"
              : "the config.json that belongs beside it"));
  }
  CheckpointConfig config = read_checkpoint_config(file);
  if (config.format != format) {
    fail(file.string() + ": is " + (is_open_clip ? "transformers'" : "open_clip's") + " configuration, and " +
         files.named.filename().string() + " has " + (is_open_clip ? "open_clip's" : "transformers'") +
         " tensors");
  }
  return config;
}

/// Removes what no encoder needs: counters of positions and the causal mask, which older versions stored.
void remove_buffers(StateDict& state_dict) {
  for (const char* name : {"vision_model.embeddings.position_ids", "text_model.embeddings.position_ids",
                           "attn_mask", "text.attn_mask", "text.transformer.embeddings.position_ids",
                           // A BERT's own pooler, which nothing reads.
                           "text_model.pooler.dense.weight", "text_model.pooler.dense.bias"}) {
    state_dict.remove(name);
  }
}

/// The one number of a tensor of shape [] or [1].
void require_number(TensorShapes& shapes, const std::string& name) {
  const auto found = shapes.find(name);
  if (found != shapes.end() && found->second == TensorShape{1}) found->second.clear();
}

at::Tensor take_origin(StateDict& state_dict, const TensorOrigin& origin) {
  if (origin.names.size() == 1) {
    at::Tensor tensor = state_dict.take(origin.names.front());
    for (std::size_t axis = 0; axis < origin.leading_ones; ++axis) tensor = tensor.squeeze(0);
    return origin.is_transposed ? tensor.t() : tensor;
  }
  std::vector<at::Tensor> parts;
  for (const std::string& name : origin.names) parts.push_back(state_dict.take(name));
  return at::cat(parts);
}

/// For config.json: the weights' file, and of its path no more than the folder that was given.
std::string name_source(const fs::path& source, const fs::path& weights) {
  std::error_code ignored;
  if (!fs::is_directory(source, ignored)) return weights.filename().string();
  const fs::path folder = fs::absolute(weights).lexically_normal().parent_path();
  return (folder.filename() / weights.filename()).string();
}

/// Reads the tokenizer that lies beside `place`, the weights or their configuration.
void read_tokenizer(const fs::path& place, const TextRules& rules, ClipWeights& weights) {
  ImportedTokenizer tokenizer =
      import_tokenizer(place.parent_path(), rules, weights.config.architecture.clip.vocab_size);
  weights.tokenizer = std::move(tokenizer.bytes);
  TextConfig& text = weights.config.text;
  text.vocab_size = tokenizer.vocab_size;
  text.sot_token_id = tokenizer.sot_token_id;
  text.eot_token_id = tokenizer.eot_token_id;
  text.pad_token_id = tokenizer.pad_token_id;
  text.cleaning = tokenizer.cleaning;
  ClipArchitecture& architecture = weights.config.architecture.clip;
  architecture.pad_token_id = tokenizer.pad_token_id;
  architecture.eot_token_id = tokenizer.eot_token_id;
  if (rules.is_siglip && tokenizer.max_length > 0 && tokenizer.max_length < architecture.context_length) {
    // Its features are those of the last position, up to which padding fills a text.
    throw Error(ErrorKind::kModel, (place.parent_path() / "tokenizer_config.json").string() +
                                       ": field model_max_length is " + std::to_string(tokenizer.max_length) +
                                       ", and the model has " + std::to_string(architecture.context_length) +
                                       " positions; texts would be filled up to another one");
  }
  // A BERT may have more positions than it was trained with.
  const bool is_cut = architecture.text_tower == TextTower::kBert && tokenizer.max_length > 0 &&
                      tokenizer.max_length < architecture.context_length;
  if (is_cut) {
    architecture.context_length = tokenizer.max_length;
    text.context_length = static_cast<std::size_t>(tokenizer.max_length);
  }
}

/// Renames and joins the checkpoint's tensors to those of expected_shapes(architecture).
StateDict arrange(StateDict state_dict, const CheckpointConfig& config) {
  // open_clip's CustomTextCLIP keeps the text tower in a module of its own.
  const TensorNaming naming = {config.format, state_dict.has_prefix("text."), config.has_timm_image_tower};
  remove_buffers(state_dict);
  take_stored_sizes(state_dict, config.architecture);
  // The configuration says what there must be; what is there must be that and no more.
  TensorShapes expected = expected_shapes(config.architecture);
  if (state_dict.has("logit_bias")) expected["logit_bias"] = {};
  TensorShapes actual = state_dict.shapes();
  for (const char* name : {"logit_scale", "logit_bias"}) require_number(actual, name);
  check_shapes(
      actual, origin_shapes(expected, naming), "which its configuration asks for",
      "which its configuration does not ask for; scripts/export_torchscript.py may export the model");
  // Behind the shapes, whose messages say more, and before any arithmetic spreads a NaN.
  state_dict.require_finite();

  // By our names from here on: nothing behind this knows which library wrote the file.
  StateDict arranged;
  for (const auto& [name, shape] : expected) {
    const TensorOrigin origin = tensor_origin(name, naming);
    if (state_dict.has(origin.names.front())) arranged.put(name, take_origin(state_dict, origin));
  }
  return arranged;
}

}  // namespace

ClipWeights read_checkpoint(const fs::path& source, const fs::path& config_file) {
  const CheckpointFiles files = find_checkpoint_files(source);
  StateDict stored = read_weights(files);
  // Weights first, since they say which configuration is needed.
  const CheckpointFormat format = in_file(files.named, [&] { return recognize_format(stored); });
  const CheckpointConfig config = find_config(files, config_file, format);
  ClipWeights weights;
  weights.config = make_model_config(config.architecture);
  weights.config.image = config.image;
  if (config.text) {
    read_tokenizer(files.named, *config.text, weights);
    weights.config.prompt_templates = {config.text->template_text};
  }
  return in_file(files.named, [&] {
    weights.state_dict = arrange(std::move(stored), config);
    weights.config.source = name_source(source, files.named);
    weights.config.logit_scale = take_logit_scale(weights.state_dict);
    const bool has_tensor = weights.state_dict.has("logit_bias");
    // A bias is what SigLIP's training has: such a model scores each label by itself.
    if (has_tensor || config.has_logit_bias) {
      weights.config.logit_bias = has_tensor ? weights.state_dict.take("logit_bias").item<double>() : 0.0;
      if (!(std::abs(*weights.config.logit_bias) <= kMaxLogit))
        fail("tensor logit_bias is " + shortest_digits(*weights.config.logit_bias) +
             ", expected a number from " + shortest_digits(-kMaxLogit) + " to " + shortest_digits(kMaxLogit));
      weights.config.activation = Activation::kSigmoid;
    }
    return std::move(weights);
  });
}

}  // namespace clipcls
