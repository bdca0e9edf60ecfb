// A part of a kernel, behind vectors-inl.h. See processor/for_each_processor-inl.h.
#include <cstdint>

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

/// Where lane `lane` of a step's result comes from: of two rows, whose lanes count on from one to the other,
/// the blocks of `step` lanes that the first has at even and at odd places.
template <std::int64_t step, bool is_second>
CLIPCLS_INLINE Integers transposition_lanes() {
  Integers lanes{};
  for (std::int32_t lane = 0; lane < kLanes; ++lane) {
    const bool is_from_second_row = (lane & step) != 0;
    lanes[lane] = (lane & ~static_cast<std::int32_t>(step)) +
                  (is_second ? static_cast<std::int32_t>(step) : 0) +
                  (is_from_second_row ? static_cast<std::int32_t>(kLanes) : 0);
  }
  return lanes;
}

/// The numbers of `a` and, counted on, of `b` at `lanes`. (Clang has no builtin for lanes that are no
/// literals.)
CLIPCLS_INLINE Floats pick_lanes(Floats a, Floats b, Integers lanes) {
#if defined(__clang__)
  Floats picked{};
  for (std::int64_t i = 0; i < kLanes; ++i)
    picked[i] = lanes[i] < kLanes ? a[lanes[i]] : b[lanes[i] - kLanes];
  return picked;
#else
  return __builtin_shuffle(a, b, lanes);
#endif
}

template <std::int64_t step>
CLIPCLS_INLINE void exchange_blocks(Floats (&rows)[kLanes]) {
  const Integers first = transposition_lanes<step, false>();
  const Integers second = transposition_lanes<step, true>();
  for (std::int64_t i = 0; i < kLanes; ++i) {
    if ((i & step) != 0) continue;
    const Floats a = rows[i];
    const Floats b = rows[i + step];
    rows[i] = pick_lanes(a, b, first);
    rows[i + step] = pick_lanes(a, b, second);
  }
}

template <std::int64_t step>
CLIPCLS_INLINE void exchange_from(Floats (&rows)[kLanes]) {
  exchange_blocks<step>(rows);
  if constexpr (step > 1) exchange_from<step / 2>(rows);
}

/// Transposes a block of kLanes x kLanes numbers of 32 bits, whatever they are.
CLIPCLS_INLINE void transpose(Floats (&rows)[kLanes]) { exchange_from<kLanes / 2>(rows); }

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
