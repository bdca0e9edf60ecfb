#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/threads.h"
#include "model/clip_model.h"
#include "model/import_model.h"
#include "model/model_statistics.h"
#include "model/precision.h"

namespace clipcls {

/// What the module libclipcls_torch.so has for the program. Each is the function of that name in this
/// folder: a program that links clipcls_torch calls it there, the program `clipcls` calls it
/// through this table. Program and module are built together and know nothing of other builds.
struct TorchFunctions {
  void (*share_thread_findings)(ThreadFindings& others);
  std::unique_ptr<ClipModel> (*load_model_folder)(const std::filesystem::path& folder,
                                                  const LoadOptions& options);
  std::unique_ptr<ClipModel> (*load_openai_archive)(const std::filesystem::path& path,
                                                    const LoadOptions& options);
  ModelConfig (*write_model_folder)(const std::filesystem::path& source, const std::filesystem::path& folder,
                                    const ImportOptions& options);
  ModelStatistics (*read_model_statistics)(const std::filesystem::path& model);
  int (*num_gpus)();
  std::string (*why_no_gpu)();
};

/// The module's one symbol, a `const TorchFunctions`.
inline constexpr const char* kTorchFunctionsSymbol = "clipcls_torch_functions";

}  // namespace clipcls
