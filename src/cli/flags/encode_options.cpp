#include "cli/flags/encode_options.h"

#include "cli/terminal/decode_hints.h"
#include "cli/terminal/message.h"
#include "image/decode_sandbox.h"

namespace clipcls {

EncodeOptions encode_options(const BatchFlags& batch, const DecodeFlags& decode, const ModelFlags& model,
                             const MessageFlags& messages) {
  EncodeOptions options;
  options.batch_size = batch.batch_size;
  options.num_workers = static_cast<std::size_t>(model.num_threads);
  options.is_fail_fast = batch.is_fail_fast;
  options.decode = decode.decode;
  options.is_draft = decode.is_draft;
  options.resize_mode = decode.resize_mode;
  if (options.decode.sandbox == DecodeSandbox::kAll) require_decode_sandbox();
  if (messages.is_verbose)
    on_missing_sandbox([](const std::string& why) { print_message(kNoSandbox + why); });
  if (!messages.is_quiet) options.on_loss = make_decode_hints();
  return options;
}

}  // namespace clipcls
