#include "fetch/model_catalogue.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr std::string_view kHubPrefix = "hf:";
constexpr std::string_view kDocument =
#include "openai_models.inc"
    ;

std::vector<PublishedModel> read_catalogue() {
  std::vector<PublishedModel> models;
  for (const auto& entry : nlohmann::json::parse(kDocument)) {
    models.push_back({entry.at("name"), entry.at("file"), entry.at("url"), entry.at("sha256")});
  }
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

std::string mirrored_url(const std::string& url, const std::string& mirror) {
  if (mirror.empty()) return url;
  // The path stays, so that a mirror is a copy of the server's tree.
  const std::size_t host = url.find("://") + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  const std::size_t end = mirror.find_last_not_of('/');
  return mirror.substr(0, end + 1) + url.substr(path);
}

}  // namespace clipcls
