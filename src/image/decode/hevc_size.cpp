#include "hevc_size.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace clipcls {
namespace {

/// The bits of a unit of HEVC data, without the bytes 3 that keep start codes out of it.
class HevcBits {
 public:
  explicit HevcBits(Bytes bytes) : bytes_(bytes) {}

  /// 0 behind the end.
  unsigned bit() {
    if (count_ % 8 == 0) {
      if (zeros_ >= 2 && at_ < bytes_.size() && bytes_[at_] == 3) {
        ++at_;
        zeros_ = 0;
      }
      is_behind_ = at_ >= bytes_.size();
      byte_ = is_behind_ ? 0 : bytes_[at_++];
      zeros_ = byte_ == 0 ? zeros_ + 1 : 0;
    }
    return byte_ >> (7 - count_++ % 8) & 1U;
  }

  void skip(unsigned count) {
    while (count-- > 0) bit();
  }

  unsigned number(unsigned num_bits) {
    unsigned value = 0;
    while (num_bits-- > 0) value = value << 1 | bit();
    return value;
  }

  /// An Exp-Golomb code; nothing where it is longer than 32 bits.
  std::optional<std::uint64_t> code() {
    unsigned num_zeros = 0;
    while (bit() == 0) {
      if (++num_zeros > 32 || is_behind_) return std::nullopt;
    }
    return (std::uint64_t{1} << num_zeros) - 1 + number(num_zeros);
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  unsigned zeros_ = 0;
  unsigned byte_ = 0;
  bool is_behind_ = false;
};

/// The size in a sequence parameter set, behind the two bytes of its head.
std::optional<CodedSize> read_parameter_set(Bytes unit) {
  constexpr unsigned kProfileBits = 88;
  constexpr unsigned kLevelBits = 8;
  HevcBits bits(unit);
  bits.skip(4);
  const unsigned num_layers = bits.number(3);  // beyond the first
  bits.skip(1 + kProfileBits + kLevelBits);
  if (num_layers > 0) {
    const unsigned flags = bits.number(16);  // for each of eight layers: has it a profile, has it a level
    for (unsigned i = 0; i < num_layers; ++i) {
      const unsigned has = flags >> (14 - 2 * i) & 3U;
      bits.skip(((has & 2U) != 0 ? kProfileBits : 0) + ((has & 1U) != 0 ? kLevelBits : 0));
    }
  }
  const auto id = bits.code();
  const auto chroma = bits.code();
  if (!id || *id > 15 || !chroma || *chroma > 3) return std::nullopt;
  if (*chroma == 3) bits.skip(1);
  const auto width = bits.code();
  const auto height = bits.code();
  if (!width || !height) return std::nullopt;
  return CodedSize{static_cast<std::int64_t>(*width), static_cast<std::int64_t>(*height)};
}

class LargestSize {
 public:
  explicit LargestSize(Bytes file) : file_(file) {}

  /// Looks for parameter sets behind their lengths, which have `length_bytes`, from `at` to `end`.
  void look_in(std::size_t at, std::size_t end, std::size_t length_bytes) {
    constexpr unsigned kParameterSet = 33;
    constexpr std::size_t kLongest = 1024;  // what comes behind the size does not matter
    for (at = std::max(at, length_bytes); at + 2 < end; ++at) {
      // A bit that is 0, six bits of kind, six of a layer, three of a level above 0.
      if (file_[at] >> 1 != kParameterSet || (file_[at + 1] & 7) == 0) continue;
      const std::uint32_t length =
          length_bytes == 2 ? read_u16_be(file_, at - 2) : read_u32_be(file_, at - 4);
      if (length < 3 || length > file_.size() - at) continue;
      const std::optional<CodedSize> size =
          read_parameter_set(file_.subspan(at + 2, std::min<std::size_t>(length, kLongest) - 2));
      if (size && area(*size) > area(largest_)) largest_ = *size;
    }
  }

  CodedSize result() const { return largest_; }

 private:
  static double area(const CodedSize& size) {
    return static_cast<double>(size.width) * static_cast<double>(size.height);
  }

  Bytes file_;
  CodedSize largest_;
};

}  // namespace

CodedSize largest_hevc_size(Bytes file) {
  LargestSize largest(file);
  // A box is found by its name, wherever that lies: a reader that is lenient in another way than this one
  // would see other boxes. No byte is looked at twice, however many boxes claim it.
  constexpr std::string_view kName = "hvcC";
  std::size_t done = 0;
  for (auto name = file.begin();; ++name) {
    name = std::search(name, file.end(), kName.begin(), kName.end());
    if (name == file.end()) break;
    const auto at = static_cast<std::size_t>(name - file.begin());
    const std::size_t length = at >= 4 ? read_u32_be(file, at - 4) : 0;
    const std::size_t end = std::min(file.size(), at + length);
    largest.look_in(std::max(at, done), end, 2);
    done = std::max(done, end);
  }
  largest.look_in(0, file.size(), 4);
  return largest.result();
}

}  // namespace clipcls
