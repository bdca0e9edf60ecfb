#include "fetch/fetch_model.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "clipcls/error.h"
#include "clipcls/fetch/hub_model.h"
#include "model/partial_model.h"

namespace clipcls {
namespace {

/// std::filesystem::copy_file() takes a full disk for a broken one.
void copy_download(const std::filesystem::path& from, const std::filesystem::path& to,
                   const std::filesystem::path& output) {
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  const auto fail = [&](int error) {
    throw Error(ErrorKind::kOutput, output.string() + ": cannot be written: " + std::strerror(error));
  };
  // "e" closes it in programs that are started; "x" refuses a file that exists.
  const File source(std::fopen(from.c_str(), "rbe"), &std::fclose);
  File target(std::fopen(to.c_str(), "wbxe"), &std::fclose);
  if (source == nullptr || target == nullptr) fail(errno);
  std::string block(1 << 20, '\0');
  for (;;) {
    const std::size_t size = std::fread(block.data(), 1, block.size(), source.get());
    if (std::fwrite(block.data(), 1, size, target.get()) != size) fail(errno);
    if (size < block.size()) break;
  }
  if (std::ferror(source.get()) != 0) fail(errno);
  // The last bytes are written here, and a full disk may show only now.
  if (std::fclose(target.release()) != 0) fail(errno);
}

}  // namespace

std::string download_model(const FetchPlan& plan, const DownloadOptions& how) {
  if (plan.published != nullptr) {
    // The download keeps a folder of its own, so that an interrupted one is continued by the next run.
    const DownloadResult result =
        download_file(plan.address, plan.download / plan.published->file, plan.published->sha256, how);
    if (result.end == DownloadEnd::kMissing) {
      throw Error(ErrorKind::kFetch, plan.address + ": the server has no such file (HTTP 404)");
    }
    return plan.published->url;
  }
  const HubModel model = download_hub_model(plan.reference, plan.address, plan.download, how);
  return std::string(kHubAddress) + "/" + plan.reference.owner + "/" + plan.reference.name + "/tree/" +
         model.revision;
}

void keep_published_files(const FetchPlan& plan, bool replaces) {
  namespace fs = std::filesystem;
  PartialModel made(plan.output, replaces);
  try {
    if (plan.published != nullptr) {
      copy_download(plan.download / plan.published->file, made.path(), plan.output);
    } else {
      fs::create_directory(made.path());
      for (const fs::directory_entry& entry : fs::directory_iterator(plan.download)) {
        const std::string ending = entry.path().extension().string();
        // What belongs to the download and not to the model.
        if (ending != ".origin" && ending != ".partial")
          copy_download(entry.path(), made.path() / entry.path().filename(), plan.output);
      }
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::kOutput, plan.output.string() + ": cannot be written: " + error.code().message());
  }
  made.commit();
}

}  // namespace clipcls
