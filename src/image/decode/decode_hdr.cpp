// HDR (Radiance RGBE): stb_image decodes it, behind a look at its runs.
#include <cstdlib>
#include <string>

#include "decoders.h"
#include "stb_decoder.h"

namespace clipcls {
namespace {

/// Takes the next line off `bytes`, without its end and up to a NUL byte, as stb reads it.
std::string take_line(Bytes& bytes) {
  std::string line;
  bool is_cut = false;
  std::size_t at = 0;
  for (; at < bytes.size() && bytes[at] != '\n'; ++at) {
    is_cut = is_cut || bytes[at] == '\0';
    if (!is_cut) line += static_cast<char>(bytes[at]);
  }
  bytes = bytes.subspan(at == bytes.size() ? at : at + 1);
  return line;
}

struct Size {
  long width = 0;
  long height = 0;
};

/// The size in "-Y 3 +X 4"; zeros for any other line, which stb refuses.
Size parse_size(const std::string& line) {
  if (!line.starts_with("-Y ")) return {};
  char* end = nullptr;
  Size size;
  size.height = std::strtol(line.c_str() + 3, &end, 10);
  while (*end == ' ') ++end;
  if (!std::string_view(end).starts_with("+X ")) return {};
  size.width = std::strtol(end + 3, nullptr, 10);
  return size;
}

/// Throws unless the runs of a run-length coded picture move on: stb would wait for ever for the end of a row
/// where one has no length, as it reads them behind the end of a file.
void check_runs(Bytes bytes) {
  // The layout: the signature's line, lines of variables, an empty line, the size, then the rows.
  take_line(bytes);
  while (!bytes.empty() && !take_line(bytes).empty()) {
  }
  const Size size = parse_size(take_line(bytes));
  constexpr long kMinWidth = 8;  // others are not run-length coded
  constexpr long kEndWidth = 32768;
  if (size.width < kMinWidth || size.width >= kEndWidth) return;
  const auto take = [&](std::size_t count) {
    if (count > bytes.size()) throw_broken("HDR", "the file ends before the picture does");
    const Bytes taken = bytes.first(count);
    bytes = bytes.subspan(count);
    return taken;
  };
  for (long row = 0; row < size.height; ++row) {
    // A coded row begins with 2, 2 and its width, the high byte first; then each of the four components (red,
    // green, blue, exponent) comes as runs of its own.
    const Bytes start = take(4);
    if (start[0] != 2 || start[1] != 2 || (start[2] & 0x80U) != 0) return;  // all else is not coded
    for (int channel = 0; channel < 4; ++channel) {
      for (long column = 0; column < size.width;) {
        const long count = take(1)[0];
        constexpr long kRun = 128;
        if (count == 0) throw_broken("HDR", "a run in it has no length");
        take(count > kRun ? 1 : static_cast<std::size_t>(count));
        column += count > kRun ? count - kRun : count;
      }
    }
  }
}

}  // namespace

DecodedImage decode_hdr(Bytes bytes, const DecodeOptions& options) {
  check_stb_header("HDR", bytes, options);
  check_runs(bytes);
  return {decode_with_stb("HDR", bytes, options)};
}

}  // namespace clipcls
