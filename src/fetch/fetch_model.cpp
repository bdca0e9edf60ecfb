#include "fetch/fetch_model.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "clipcls/error.h"
#include "fetch/hub_model.h"
#include "files/file_descriptor.h"
#include "model/partial_model.h"

namespace clipcls {
namespace {

/// std::filesystem::copy_file() takes a full disk for a broken one.
void copy_download(const std::filesystem::path& from, const std::filesystem::path& to,
                   const std::filesystem::path& output) {
  const auto fail = [&](int error) {
    throw Error(ErrorKind::kOutput, output.string() + ": cannot be written: " + std::strerror(error));
  };
  // O_EXCL refuses a file that exists.
  const FileDescriptor source = open_for_reading(from);
  if (!source.is_open()) fail(errno);
  FileDescriptor target = open_file(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!target.is_open()) fail(errno);
  std::string block(1 << 20, '\0');
  for (;;) {
    const ssize_t size = read_some(source.number(), block);
    if (size < 0) fail(errno);
    if (size == 0) break;
    const int error = write_all(target.number(), {block.data(), static_cast<std::size_t>(size)});
    if (error != 0) fail(error);
  }
  if (const int error = target.close(); error != 0) fail(error);
}

}  // namespace

FetchedModel download_model(const FetchPlan& plan, const DownloadOptions& how) {
  if (!plan.repository) {
    // The download keeps a folder of its own, so that an interrupted one is continued by the next run.
    const DownloadResult result =
        download_file(plan.address, plan.download / plan.published->file, plan.published->sha256, how);
    if (result.end == DownloadEnd::kMissing) {
      throw Error(ErrorKind::kFetch, plan.address + ": the server has no such file (HTTP 404)");
    }
    return {plan.published->url, {plan.published->file}};
  }
  const bool has_own_weights = plan.published != nullptr && !plan.published->weights.empty();
  const HubModel model =
      has_own_weights ? download_hub_weights(*plan.repository, plan.address, plan.download,
                                             {plan.published->weights, plan.published->configuration}, how)
                      : download_hub_model(*plan.repository, plan.address, plan.download, how);
  return {fmt::format("{}/{}/{}/tree/{}", kHubAddress, plan.repository->owner, plan.repository->name,
                      model.revision),
          model.files};
}

void keep_published_files(const FetchPlan& plan, const FetchedModel& fetched, bool replaces) {
  namespace fs = std::filesystem;
  PartialModel made(plan.output, replaces);
  try {
    if (!plan.repository) {
      copy_download(plan.download / plan.published->file, made.path(), plan.output);
    } else {
      fs::create_directory(made.path());
      for (const std::string& file : fetched.files)
        copy_download(plan.download / file, made.path() / file, plan.output);
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::kOutput, plan.output.string() + ": cannot be written: " + error.code().message());
  }
  made.commit();
}

}  // namespace clipcls
