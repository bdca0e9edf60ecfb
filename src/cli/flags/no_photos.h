#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "cli/flags/input_flags.h"
#include "cli/flags/photo_inputs.h"
#include "pipeline/image_result.h"
#include "zero_shot/answer_names.h"

namespace clipcls {

class CommandDeclaration;

/// The PhotoFlags of a build without src/photos: there are none.
struct PhotoFlags {
  void add(CommandDeclaration&) {}
  void validate(const CommandDeclaration&, const PhotoInputs&) const {}
};

/// The PhotoActions of a build without src/photos: every file stays as it is.
class PhotoActions {
 public:
  PhotoActions(const PhotoFlags&, const AnswerNames&, const InputFlags&, bool) {}
  bool moves_files() const { return false; }
  void leave_in_place(const std::function<bool(const std::filesystem::path&)>&) {}
  bool apply(ImageResult&) { return true; }
  bool finish(bool) { return true; }
  void say_how_to_undo() const {}
  void summarize() const {}
};

}  // namespace clipcls
