#pragma once

#include <string>
#include <vector>

#include "fetch/download.h"
#include "fetch/fetch_plan.h"

namespace clipcls {

/// What was downloaded into the folder for downloads.
struct FetchedModel {
  std::string source;              ///< where the files came from, for config.json
  std::vector<std::string> files;  ///< their names; the folder may hold what a killed run left beside them
};

/// Downloads the files of `plan` into its folder for downloads. Throws Error (kFetch, kOutput); where
/// `how.on_progress` ends it, what came stays.
FetchedModel download_model(const FetchPlan& plan, const DownloadOptions& how);

/// Puts the downloaded files themselves in place: whole or not at all, also on another disk. Throws Error
/// (kOutput), and as PartialModel.
void keep_published_files(const FetchPlan& plan, const FetchedModel& fetched, bool replaces);

}  // namespace clipcls
