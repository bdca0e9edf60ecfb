#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// One of the files that OpenAI published.
struct PublishedModel {
  std::string name;    ///< OpenAI's: "ViT-B/32"
  std::string file;    ///< "ViT-B-32.pt"
  std::string url;     ///< https
  std::string sha256;  ///< of the file, 64 lower-case hexadecimal digits
};

/// The nine models of openai/CLIP, in its order (models/openai_models.json, compiled in).
const std::vector<PublishedModel>& published_models();

/// The model of that name, also written as its file is ("ViT-B-32"); null when there is none.
const PublishedModel* find_published_model(std::string_view name);

/// A repository of the Hugging Face hub, as people write it: hf:OWNER/NAME or hf:OWNER/NAME@REVISION.
struct HubReference {
  std::string owner;
  std::string name;
  std::string revision = "main";  ///< a branch, a tag or a commit
};

/// Whether `text` starts with "hf:".
bool is_hub_reference(std::string_view text);

/// Throws Error (kInvalidArgument) that says what is wrong with `text`.
HubReference parse_hub_reference(std::string_view text);

/// `url` with everything before its path replaced by `mirror`, such as "https://mirror.example/openai". An
/// empty mirror leaves it as it is.
std::string mirrored_url(const std::string& url, const std::string& mirror);

}  // namespace clipcls
