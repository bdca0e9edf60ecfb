#pragma once

#include <optional>

#include "image/decode_image.h"
#include "image/preprocess.h"

namespace clipcls {

class CommandDeclaration;

/// How images are decoded, and made as large as the model wants them.
struct DecodeFlags {
  DecodeOptions decode = {.sandbox = DecodeSandbox::kOpened};
  bool is_draft = false;                  ///< JPEGs are decoded no larger than twice the model's size needs
  std::optional<ResizeMode> resize_mode;  ///< in place of the model's

  /// Adds --no-exif-rotation, --max-megapixels, --background, --16-bit, --accept-truncated, --page,
  /// --decode-sandbox, --resize-mode and --draft.

  void add(CommandDeclaration& command);
};

}  // namespace clipcls
