#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pickled_state_dict.h"

namespace clipcls {

/// The values of a pickle refer to each other by index: so a program that nests a million lists, or puts one
/// into itself, costs no stack and no leak.
using PickleIndex = std::size_t;

struct PickleNone {};
struct PickleMark {};
struct PickleGlobal {
  std::string name;  ///< "torch.FloatStorage"
};
struct PickleSequence {
  std::vector<PickleIndex> items;
  bool is_tuple = false;
};
struct PickleDict {
  std::vector<std::pair<PickleIndex, PickleIndex>> items;
};
struct PickleStorage {
  std::string type;
  std::string key;
  std::int64_t size = 0;
};

using PickleValue = std::variant<PickleNone, PickleMark, bool, std::int64_t, double, std::string,
                                 PickleGlobal, PickleSequence, PickleDict, PickleStorage, PickledTensor>;

struct Pickle {
  std::vector<PickleValue> values;
  PickleIndex root = 0;
};

/// Reads the opcodes that torch.save writes. Throws Error (kModel) that names the class, the opcode or the
/// byte that it cannot read.
Pickle read_pickle(std::span<const std::byte> bytes);

/// "a number", "a dict", … for messages.
std::string kind_of(const PickleValue& value);

}  // namespace clipcls
