#pragma once

#include <filesystem>

#include "checkpoint/clip_architecture.h"
#include "model/model_config.h"
#include "state_dict.h"

namespace clipcls {

/// A whole CLIP before its encoders are built. `state_dict` has the tensors of expected_shapes(), of the
/// config's architecture, less logit_scale.
struct ClipWeights {
  StateDict state_dict;
  ModelConfig config;
  std::string tokenizer;  ///< the bytes of tokenizer.bin; empty: the tokenizer is CLIP's
};

/// Reads a TorchScript archive of OpenAI's. Throws Error (kModel) without the file's name.
ClipWeights read_openai_archive(const std::filesystem::path& path);

/// Reads a checkpoint of open_clip or transformers, a file or a folder. `config`: its configuration; empty:
/// the one beside it. Throws Error (kModel) that names the file and the tensor or the field.
ClipWeights read_checkpoint(const std::filesystem::path& source, const std::filesystem::path& config);

/// What the architecture says of config.json; the rest has OpenAI's values.
ModelConfig make_model_config(const ClipArchitecture& architecture);

/// The multiplier, whose logarithm the tensor is. Throws Error (kModel) where it is none.
double take_logit_scale(StateDict& state_dict);

/// Takes input_resolution, context_length and vocab_size out, which OpenAI's models keep beside the weights.
/// Throws Error (kModel) where they contradict the architecture.
void take_stored_sizes(StateDict& state_dict, const ClipArchitecture& architecture);

/// `shapes` without those three.
TensorShapes without_stored_sizes(TensorShapes shapes);

}  // namespace clipcls
