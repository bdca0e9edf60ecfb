#pragma once

#include <filesystem>
#include <string>

#include "fetch/model_catalogue.h"

namespace clipcls {

inline constexpr const char* kHubAddress = "https://huggingface.co";

struct FetchRequest {
  std::string model{};             ///< a name of the catalogue, or hf:OWNER/NAME[@REVISION]
  std::filesystem::path output{};  ///< what is made; empty: under its name in the user's models folder
  std::string mirror{};            ///< in place of the publishers' scheme and host; empty: none
  bool imports = true;             ///< else the published files are kept as they are
};

/// What is to be fetched, from where and to where, before any of it is.
struct FetchPlan {
  const PublishedModel* published = nullptr;  ///< null: a repository that the catalogue does not have
  std::optional<HubReference> repository;     ///< none: a file of OpenAI's
  std::string address;                        ///< of the file, or of the hub
  std::filesystem::path output;               ///< what is made; absolute
  std::filesystem::path download;             ///< the folder where the published files grow
};

/// Throws Error (kInvalidArgument) for a name that cannot be fetched, or a request that does not fit it.
FetchPlan make_fetch_plan(const FetchRequest& request);

}  // namespace clipcls
