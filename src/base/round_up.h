#pragma once

namespace clipcls {

/// Whole steps that hold `value`, of integers that are not negative.
template <typename Integer>
constexpr Integer divide_up(Integer value, Integer step) {
  return (value + step - 1) / step;
}

/// The next multiple of `step`, or `value`.
template <typename Integer>
constexpr Integer round_up(Integer value, Integer step) {
  return divide_up(value, step) * step;
}

}  // namespace clipcls
