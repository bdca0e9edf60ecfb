#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// What a zlib stream unpacks to, which may end early. Nothing where it is damaged or gives more than `limit`
/// bytes. It takes no more memory than that, whatever the stream claims.
std::optional<std::vector<std::uint8_t>> inflate_at_most(Bytes stream, std::size_t limit);

/// How the bytes that were asked of a stream came.
enum class InflateOutcome { kWhole, kEndsEarly, kDamaged };

/// Fills `to` from the front of a zlib stream. kWhole does not need the stream's end, but a checksum that is
/// there must fit. `num_bytes` becomes how many came, which precede the damage. `is_bare`: deflate alone,
/// with neither zlib's header nor its checksum.
InflateOutcome inflate_exactly(Bytes stream, std::vector<std::uint8_t>& to, std::size_t* num_bytes = nullptr,
                               bool is_bare = false);

/// `content` as a zlib stream that packs nothing.
std::vector<std::uint8_t> store_as_zlib(Bytes content);

}  // namespace clipcls
