#pragma once

#include <string>

#include "fetch/download.h"
#include "fetch/fetch_plan.h"

namespace clipcls {

/// Downloads the files of `plan` into its folder for downloads. Returns where they came from, for
/// config.json. Throws Error (kFetch, kOutput); where `how.on_progress` ends it, what came stays.
std::string download_model(const FetchPlan& plan, const DownloadOptions& how);

/// Puts the downloaded files themselves in place: whole or not at all, also on another disk. Throws Error
/// (kOutput), and as PartialModel.
void keep_published_files(const FetchPlan& plan, bool replaces);

}  // namespace clipcls
