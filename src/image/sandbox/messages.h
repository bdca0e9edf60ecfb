#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "image/decode_image.h"

namespace clipcls {

// What goes through the socket between a program and a worker that decodes for it. Both are the same program,
// so these are plain structs; a message is one packet.

/// By this name of a program main() knows that it is started as a worker.
inline constexpr const char* kWorkerName = "clipcls-decoder";

// The worker's two descriptors, behind the three streams.
inline constexpr int kWorkerSocket = 3;
inline constexpr int kWorkerMemory = 4;

/// The worker's first word: it has opened its library and given up its rights, or says why it could not.
struct WorkerHello {
  std::array<char, 16> version = {};   ///< of clipcls, with zeros behind
  std::uint32_t request_size = 0;      ///< of WorkerRequest
  std::array<char, 256> problem = {};  ///< empty: it is ready
};

/// A picture to decode. The file's bytes lie at the beginning of the shared memory.
struct WorkerRequest {
  std::uint64_t memory_size = 0;  ///< of the shared memory: more than before, or as much
  std::uint64_t num_bytes = 0;    ///< of the file
  std::uint64_t pixels_at = 0;    ///< from where on pixels may be put there
  DecodeOptions options;
};

/// The longest text of an error; what is longer repeats a file's content.
inline constexpr std::size_t kMaxAnswerText = 4096;

/// A picture, whose pixels lie in the shared memory, or an error. As many bytes are sent as the text has.
struct WorkerAnswer {
  std::uint32_t is_error = 0;
  std::uint32_t kind = 0;  ///< ErrorKind
  std::int32_t width = 0;  ///< of the picture
  std::int32_t height = 0;
  std::uint32_t notes = 0;  ///< bits: see pack_notes()
  std::uint32_t text_size = 0;
  std::uint64_t pixels_at = 0;  ///< where in the shared memory they lie
  std::array<char, kMaxAnswerText> text = {};
};
inline constexpr std::size_t kAnswerHead = offsetof(WorkerAnswer, text);

static_assert(std::is_trivially_copyable_v<WorkerHello>);
static_assert(std::is_trivially_copyable_v<WorkerRequest>);
static_assert(std::is_trivially_copyable_v<WorkerAnswer>);

// Not the struct itself: a bool that is neither 0 nor 1 may do anything.
static_assert(sizeof(DecodeNotes) == 4, "pack_notes() and unpack_notes() know four notes");

inline std::uint32_t pack_notes(const DecodeNotes& notes) {
  return (notes.is_mostly_transparent ? 1U : 0U) | (notes.is_gray_clipped ? 2U : 0U) |
         (notes.is_gray_dark ? 4U : 0U) | (notes.is_truncated ? 8U : 0U);
}

inline DecodeNotes unpack_notes(std::uint32_t bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
}

}  // namespace clipcls
