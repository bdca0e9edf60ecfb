#pragma once

#include <filesystem>
#include <string>

#include "cli/flags/fetch_options.h"
#include "clipcls/fetch/model_catalogue.h"

namespace clipcls {

inline constexpr const char* kHubAddress = "https://huggingface.co";

/// What is to be fetched, from where and to where, before any of it is.
struct FetchPlan {
  const PublishedModel* published = nullptr;  ///< null: a repository of the hub
  HubReference reference;
  std::string address;             ///< of the file, or of the hub
  std::filesystem::path output;    ///< what is made; absolute
  std::filesystem::path download;  ///< the folder where the published files grow
};

/// Throws Error (kUsage) for a name that cannot be fetched, or options that do not fit it.
FetchPlan make_fetch_plan(const FetchModelOptions& options);

}  // namespace clipcls
