#pragma once

#include <string>

#include "clipcls/model/import_model.h"

namespace clipcls {

/// `clipcls model fetch NAME`
struct FetchModelOptions {
  std::string model;   ///< one of OpenAI's names, or hf:OWNER/NAME[@REVISION]
  std::string output;  ///< what is made; empty: under its name in the user's models folder
  std::string mirror;  ///< in place of the publishers' scheme and host; empty: none
  int stall_seconds = 30;
  StoredPrecision precision = StoredPrecision::kFloat32;
  bool imports = true;  ///< else the published files are kept as they are
  bool replaces = false;
  bool is_quiet = false;
};

}  // namespace clipcls
