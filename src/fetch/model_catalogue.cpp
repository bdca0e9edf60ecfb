#include "fetch/model_catalogue.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr std::string_view kHubPrefix = "hf:";
constexpr std::string_view kDocument =
#include "catalogue.inc"
    ;

PublishedModel read_entry(const nlohmann::json& entry) {
  const auto text = [&](const char* name) { return entry.value(name, std::string()); };
  PublishedModel model;
  model.name = entry.at("name");
  model.task = entry.at("task");
  model.languages = entry.at("languages");
  model.license = text("license");
  model.num_megabytes = entry.at("megabytes");
  if (entry.contains("imagenet")) model.imagenet = entry.at("imagenet").get<double>();
  model.imagenet_from = text("imagenet_from");
  model.note = text("note");
  model.file = text("file");
  model.url = text("url");
  model.sha256 = text("sha256");
  model.repository = text("repository");
  model.weights = text("weights");
  if (entry.contains("configuration")) model.configuration = entry.at("configuration").dump(1);
  if (entry.contains("open_clip")) {
    model.open_clip_name = entry.at("open_clip").at("model");
    model.open_clip_tag = entry.at("open_clip").at("tag");
  }
  return model;
}

std::vector<PublishedModel> read_catalogue() {
  std::vector<PublishedModel> models;
  for (const auto& entry : nlohmann::json::parse(kDocument)) models.push_back(read_entry(entry));
  return models;
}

/// The hub's own rule for the names of owners and repositories; a revision may have slashes too.
bool is_hub_word(std::string_view word, std::string_view also_allowed) {
  const bool has_only_allowed = std::ranges::all_of(word, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || also_allowed.find(c) != std::string_view::npos;
  });
  return !word.empty() && word.size() <= 96 && has_only_allowed && word.front() != '.' &&
         word.find("..") == std::string_view::npos;
}

}  // namespace

const std::vector<PublishedModel>& published_models() {
  static const std::vector<PublishedModel> models = read_catalogue();
  return models;
}

const PublishedModel* find_published_model(std::string_view name) {
  const std::vector<PublishedModel>& models = published_models();
  const auto found = std::ranges::find_if(models, [&](const PublishedModel& model) {
    return model.name == name || model.file == std::string(name) + ".pt";
  });
  return found == models.end() ? nullptr : &*found;
}

std::vector<std::string> names_of_published_models() {
  std::vector<std::string> names;
  for (const PublishedModel& model : published_models()) names.push_back(model.name);
  return names;
}

bool is_hub_reference(std::string_view text) { return text.starts_with(kHubPrefix); }

HubReference parse_hub_reference(std::string_view text) {
  const std::string_view body = text.substr(std::min(text.size(), kHubPrefix.size()));
  const std::string_view repository = body.substr(0, body.find('@'));
  const std::size_t slash = std::min(repository.find('/'), repository.size());
  HubReference reference;
  reference.owner = repository.substr(0, slash);
  reference.name = repository.substr(std::min(slash + 1, repository.size()));
  if (repository.size() < body.size()) reference.revision = body.substr(repository.size() + 1);
  if (!is_hub_reference(text) || !is_hub_word(reference.owner, "") || !is_hub_word(reference.name, "") ||
      !is_hub_word(reference.revision, "/") || reference.revision.front() == '/') {
    throw Error(ErrorKind::kInvalidArgument,
                std::string(text) +
                    ": is not a repository of the Hugging Face hub; write hf:OWNER/NAME or "
                    "hf:OWNER/NAME@REVISION");
  }
  return reference;
}

std::optional<HubReference> find_hub_reference(std::string_view model) {
  if (is_hub_reference(model)) return parse_hub_reference(model);
  const PublishedModel* published = find_published_model(model);
  if (published == nullptr || published->repository.empty()) return std::nullopt;
  return parse_hub_reference(std::string(kHubPrefix) + published->repository);
}

std::string mirrored_url(const std::string& url, const std::string& mirror) {
  if (mirror.empty()) return url;
  // The path stays, so that a mirror is a copy of the server's tree.
  const std::size_t host = url.find("://") + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  const std::size_t end = mirror.find_last_not_of('/');
  return mirror.substr(0, end + 1) + url.substr(path);
}

}  // namespace clipcls
