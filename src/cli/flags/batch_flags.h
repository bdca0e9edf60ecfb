#pragma once

#include <cstddef>

namespace clipcls {

class CommandDeclaration;

/// How a run over images is divided, and when it stops.
struct BatchFlags {
  std::size_t batch_size = 16;  ///< images that are encoded together
  bool is_fail_fast = false;    ///< stop after the first image that fails

  /// Adds --batch-size and --fail-fast.
  void add(CommandDeclaration& command);
};

/// Adds --batch-size alone, for what never ends.
void add_batch_size(CommandDeclaration& command, std::size_t& batch_size);

}  // namespace clipcls
