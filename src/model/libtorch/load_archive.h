#pragma once

#include <torch/csrc/jit/api/module.h>
#include <filesystem>

namespace clipcls {

/// Loads a TorchScript archive on the CPU, as torch::jit::load does, but its weights are used where they lie
/// in the mapped file: nothing is copied, and what no method reads (most rows of a token embedding) is never
/// read from the disk. It is taken for a stranger's: no code of it runs while it is loaded (classes with
/// __setstate__ and libtorch's custom classes are refused), and a tensor that reaches beyond its record is
/// refused. Throws Error (kModel), without the name of the file, or what libtorch throws.
torch::jit::Module load_archive(const std::filesystem::path& path);

}  // namespace clipcls
