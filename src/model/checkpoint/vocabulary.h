#pragma once

#include <filesystem>
#include <string>

namespace clipcls {

/// The vocabulary beside a checkpoint: merges.txt with vocab.json, or tokenizer.json, in `source` or, where
/// that is a file, beside it. Returns the text of the merges.txt that a model folder needs, empty where there
/// is none beside it or it is CLIP's own. `vocab_size` is the model's. Throws Error (kModel) that names the
/// file where it gives other token ids than clipcls would, or where tokenizer_config.json names another
/// tokenizer of transformers than CLIP's.
std::string import_vocabulary(const std::filesystem::path& source, std::int64_t vocab_size);

}  // namespace clipcls
