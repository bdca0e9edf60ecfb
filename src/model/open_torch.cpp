// The functions of this folder that need libtorch, for the program: they open libclipcls_torch.so
// at their first call. A process that is linked to libtorch takes 0.2 s to start, whatever it does.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <optional>

#include "base/threads.h"
#include "clipcls/error.h"
#include "model/load_model_folder.h"
#include "model/openai_archive.h"
#include "model/torch_library.h"
#include "processor/processor.h"
#include "torch_functions.h"

namespace clipcls {
namespace {

constexpr const char* kModule = "libclipcls_torch.so";  // the program's RUNPATH says where it lies

/// MKL, a part of libtorch, asks for the working folder when it is opened, and ends the process where that
/// was removed. Another folder is the working one while this lives.
class ExistingWorkingFolder {
 public:
  ExistingWorkingFolder() {
    std::error_code error;
    if (!std::filesystem::current_path(error).empty()) return;
    // A folder that was removed still exists while it is open, so there is a way back.
    removed_folder_ = open(".", O_PATH | O_CLOEXEC);
    if (removed_folder_ >= 0 && chdir("/") != 0) fail("the working folder was removed; go to another one");
  }
  ~ExistingWorkingFolder() {
    if (removed_folder_ < 0) return;
    // Nothing is there, so that nothing is lost when there is no way back.
    [[maybe_unused]] const int result = fchdir(removed_folder_);
    close(removed_folder_);
  }
  ExistingWorkingFolder(const ExistingWorkingFolder&) = delete;
  ExistingWorkingFolder& operator=(const ExistingWorkingFolder&) = delete;
  ExistingWorkingFolder(ExistingWorkingFolder&&) = delete;
  ExistingWorkingFolder& operator=(ExistingWorkingFolder&&) = delete;

 private:
  [[noreturn]] static void fail(const std::string& message) { throw Error(ErrorKind::kModel, message); }

  int removed_folder_ = -1;
};

const TorchFunctions& open_module() {
  if (const std::optional<std::string> problem = why_not_supported())
    throw Error(ErrorKind::kModel, *problem);  // libtorch would end the process by SIGILL
  const ExistingWorkingFolder folder;
  // RTLD_LOCAL: the symbols of libtorch and what it brings along stay out of the program's. RTLD_NOW: what
  // is missing is said here and not in the middle of a run.
  void* const module = dlopen(kModule, RTLD_NOW | RTLD_LOCAL);  // it stays open: libtorch has threads
  if (module == nullptr)
    throw Error(ErrorKind::kModel, std::string("the encoders need ") + kModule +
                                       ", which is installed with clipcls and needs libtorch " +
                                       torch_version() + ": " + dlerror());
  const void* const symbol = dlsym(module, kTorchFunctionsSymbol);
  if (symbol == nullptr)
    throw Error(ErrorKind::kModel, std::string(kModule) + " is that of another clipcls: " + dlerror());
  const TorchFunctions& functions = *static_cast<const TorchFunctions*>(symbol);
  functions.share_thread_findings(thread_findings());
  return functions;
}

const TorchFunctions& torch_functions() {
  // Where it throws, the next call tries again.
  static const TorchFunctions& functions = open_module();
  return functions;
}

}  // namespace

std::unique_ptr<ClipModel> load_model_folder(const std::filesystem::path& folder,
                                             const LoadOptions& options) {
  return torch_functions().load_model_folder(folder, options);
}

std::unique_ptr<ClipModel> load_openai_archive(const std::filesystem::path& path,
                                               const LoadOptions& options) {
  return torch_functions().load_openai_archive(path, options);
}

ModelConfig write_model_folder(const std::filesystem::path& source, const std::filesystem::path& folder,
                               const ImportOptions& options) {
  return torch_functions().write_model_folder(source, folder, options);
}

ModelStatistics read_model_statistics(const std::filesystem::path& model) {
  return torch_functions().read_model_statistics(model);
}

int num_gpus() { return torch_functions().num_gpus(); }

std::string why_no_gpu() { return torch_functions().why_no_gpu(); }

}  // namespace clipcls
