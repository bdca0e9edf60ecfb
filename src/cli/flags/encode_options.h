#pragma once

#include "cli/flags/batch_flags.h"
#include "cli/flags/decode_flags.h"
#include "cli/flags/message_flags.h"
#include "cli/flags/model_flags.h"
#include "pipeline/encode_images.h"

namespace clipcls {

/// What is said where there is no sandbox, in front of the reason.
inline constexpr const char* kNoSandbox = "images are decoded without a sandbox: ";

/// How images are decoded and encoded. Unless --quiet is given, standard error says what pictures lose when
/// they are decoded: each kind of loss once. With --verbose it says where there is no sandbox. Throws Error
/// (kInvalidArgument) where one must be, and there is none.
EncodeOptions encode_options(const BatchFlags& batch, const DecodeFlags& decode, const ModelFlags& model,
                             const MessageFlags& messages);

}  // namespace clipcls
