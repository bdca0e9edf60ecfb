#include "model/load_model_folder.h"
#include "model/openai_archive.h"
#include "model/torch_library.h"
#include "torch_functions.h"

/// What open_torch.cpp looks up in the module: a symbol, named as those of C are.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" __attribute__((visibility("default"))) const clipcls::TorchFunctions clipcls_torch_functions = {
    .share_thread_findings = &clipcls::share_thread_findings,
    .load_model_folder = &clipcls::load_model_folder,
    .load_openai_archive = &clipcls::load_openai_archive,
    .write_model_folder = &clipcls::write_model_folder,
    .read_model_statistics = &clipcls::read_model_statistics,
    .num_gpus = &clipcls::num_gpus,
    .why_no_gpu = &clipcls::why_no_gpu,
};
