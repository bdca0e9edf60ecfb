#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// A published model that has a name here: a file of OpenAI's, or a repository of the Hugging Face hub.
struct PublishedModel {
  std::string name;       ///< "ViT-B/32", "siglip2-b16-256"
  std::string task;       ///< what its pictures are of: "anything", "medicine"
  std::string languages;  ///< of labels: "English"; "many"
  std::string license;    ///< of the weights, as the hub's names; empty: their makers name none
  int num_megabytes = 0;  ///< of the download
  std::optional<double>
      imagenet;               ///< published zero-shot accuracy in ImageNet-1k, percent; none: none is known
  std::string imagenet_from;  ///< who published it
  std::string note;           ///< what has to be known before; mostly empty

  std::string file;    ///< OpenAI's: "ViT-B-32.pt"; empty: a repository of the hub
  std::string url;     ///< https, of the file
  std::string sha256;  ///< of the file, 64 lower-case hexadecimal digits

  std::string repository;  ///< OWNER/NAME; empty: a file of OpenAI's
  std::string weights;  ///< the file of the weights, where its name tells nothing; empty: hub_model.h's rule
  std::string configuration;   ///< open_clip's, of `weights`, where the repository has none
  std::string open_clip_name;  ///< of an architecture that cannot be imported, only exported with Python;
                               ///< else empty
  std::string open_clip_tag;   ///< open_clip's name of the weights of `open_clip_name`
};

/// All of models/catalogue.json, compiled in: openai/CLIP's nine in its order, then those of the hub.
const std::vector<PublishedModel>& published_models();

/// Their names, in that order.
std::vector<std::string> names_of_published_models();

/// The model of that name, OpenAI's also written as their files are ("ViT-B-32"); null when there is none.
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

/// Where `model` is a repository of the hub, by such a reference or by the name of a published model: which.
/// None: it is something else. Throws Error (kInvalidArgument) for a reference that is none.
std::optional<HubReference> find_hub_reference(std::string_view model);

/// `url` with everything before its path replaced by `mirror`, such as "https://mirror.example/openai". An
/// empty mirror leaves it as it is.
std::string mirrored_url(const std::string& url, const std::string& mirror);

}  // namespace clipcls
