#pragma once

#include <vector>

#include "cli/help/command_tree.h"

namespace clipcls {

// The exit codes of commands, as their help says them.

/// A command that goes over images.
inline std::vector<ExitCode> image_exit_codes() {
  return {{0, "every image was classified"},
          {1, "some images failed, each is reported on standard error"},
          {2, "nothing could be done"},
          {130, "Ctrl-C interrupted it (143: SIGTERM)"}};
}

/// A command that does one thing.
inline std::vector<ExitCode> plain_exit_codes() { return {{0, "it is done"}, {2, "it could not be done"}}; }

}  // namespace clipcls
