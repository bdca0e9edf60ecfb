// The only file that sees zlib.
#include "inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

namespace clipcls {
namespace {

/// zlib's state, and its calls in pieces that its 32-bit counters can hold.
class Inflater {
 public:
  explicit Inflater(Bytes stream, bool is_bare = false) : rest_(stream) {
    // zlib's way to say that there is no header.
    if (inflateInit2(&state_, is_bare ? -MAX_WBITS : MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&state_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  Inflater(Inflater&&) = delete;
  Inflater& operator=(Inflater&&) = delete;

  /// Writes up to `size` bytes and returns how many; fewer only at the stream's end or where it is damaged.
  std::size_t read(std::uint8_t* to, std::size_t size) {
    std::size_t written = 0;
    while (written < size && status_ == Z_OK) {
      const std::size_t given = std::min(rest_.size(), kMaxPiece);
      const std::size_t room = std::min(size - written, kMaxPiece);
      // zlib does not write to it.
      state_.next_in = const_cast<Bytef*>(rest_.data());
      state_.avail_in = static_cast<uInt>(given);
      state_.next_out = to + written;
      state_.avail_out = static_cast<uInt>(room);
      status_ = inflate(&state_, Z_NO_FLUSH);
      rest_ = rest_.subspan(given - state_.avail_in);
      written += room - state_.avail_out;
    }
    return written;
  }

  /// Z_BUF_ERROR says that the stream ends early, which is no damage.
  bool is_damaged() const { return status_ != Z_OK && status_ != Z_STREAM_END && status_ != Z_BUF_ERROR; }

 private:
  static constexpr std::size_t kMaxPiece = std::numeric_limits<uInt>::max();
  z_stream state_ = {};
  int status_ = Z_OK;
  Bytes rest_;
};

}  // namespace

std::optional<std::vector<std::uint8_t>> inflate_at_most(Bytes stream, std::size_t limit) {
  Inflater inflater(stream);
  std::vector<std::uint8_t> content;
  std::array<std::uint8_t, 16384> piece;
  for (std::size_t count = piece.size(); count == piece.size();) {
    count = inflater.read(piece.data(), piece.size());
    if (inflater.is_damaged() || count > limit - content.size()) return std::nullopt;
    content.insert(content.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return content;
}

InflateOutcome inflate_exactly(Bytes stream, std::vector<std::uint8_t>& to, std::size_t* num_bytes,
                               bool is_bare) {
  Inflater inflater(stream, is_bare);
  const std::size_t count = inflater.read(to.data(), to.size());
  if (num_bytes != nullptr) *num_bytes = count;
  if (inflater.is_damaged()) return InflateOutcome::kDamaged;
  return count < to.size() ? InflateOutcome::kEndsEarly : InflateOutcome::kWhole;
}

std::vector<std::uint8_t> store_as_zlib(Bytes content) {
  // RFC 1950 around RFC 1951: two bytes of header, stored blocks of at most 65,535 bytes (last-block flag,
  // length, its complement), and an Adler-32 of the content.
  constexpr std::size_t kMaxBlock = 0xFFFF;
  std::vector<std::uint8_t> stream = {0x78, 0x01};
  const auto checksum =
      static_cast<std::uint32_t>(adler32_z(adler32(0, nullptr, 0), content.data(), content.size()));
  stream.reserve(content.size() + content.size() / kMaxBlock * 5 + 16);
  const auto add_u16 = [&](std::size_t value) {
    stream.push_back(static_cast<std::uint8_t>(value & 0xFF));
    stream.push_back(static_cast<std::uint8_t>(value >> 8));
  };
  do {
    const Bytes block = content.first(std::min(content.size(), kMaxBlock));
    content = content.subspan(block.size());
    stream.push_back(content.empty() ? 1 : 0);
    add_u16(block.size());
    add_u16(block.size() ^ kMaxBlock);
    stream.insert(stream.end(), block.begin(), block.end());
  } while (!content.empty());
  for (int shift = 24; shift >= 0; shift -= 8) stream.push_back(static_cast<std::uint8_t>(checksum >> shift));
  return stream;
}

}  // namespace clipcls
