#pragma once

#include "image/decode_image.h"

namespace clipcls {

class CommandDeclaration;

/// How images are decoded.
struct DecodeFlags {
  DecodeOptions decode;
  bool is_draft = false;  ///< JPEGs are decoded no larger than twice the model's size needs

  /// Adds --no-exif-rotation, --max-megapixels, --background and --draft.
  void add(CommandDeclaration& command);
};

}  // namespace clipcls
