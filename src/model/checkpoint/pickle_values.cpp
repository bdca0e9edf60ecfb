#include "pickle_values.h"

#include <array>
#include <map>
#include <optional>

#include "clipcls/error.h"
#include "model_error.h"
#include "pickle_bytes.h"

namespace clipcls {
namespace {

// Far above what torch.save writes. Each tensor keeps a copy of its own: without bounds, a short program
// could name one long text or list a million times over.
constexpr std::size_t kMaxDimensions = 64;
constexpr std::size_t kMaxWord = 200;
constexpr std::size_t kMaxValues = 2'000'000;  // some 130 bytes each; a tensor takes about 25

constexpr const char* kOrderedDict = "collections.OrderedDict";
constexpr const char* kRebuildTensor = "torch._utils._rebuild_tensor_v2";
constexpr const char* kRebuildParameter = "torch._utils._rebuild_parameter";

/// What a state dict is made of.
/// The whole of what may be named: nothing is ever called, these stand for shapes of data.
bool is_known_global(const std::string& name) {
  return name == kOrderedDict || name == kRebuildTensor || name == kRebuildParameter ||
         (name.starts_with("torch.") && name.ends_with("Storage"));
}

class PickleReader {
 public:
  explicit PickleReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Pickle read() {
    while (!root_) step(static_cast<unsigned char>(bytes_.take(1)[0]));
    pickle_.root = *root_;
    return std::move(pickle_);
  }

 private:
  // Opcodes as in Python's pickletools: values here, containers and the memo in the functions below.
  void step(unsigned char opcode) {
    switch (opcode) {
      case 0x80:  // PROTO
        if (bytes_.number<std::uint8_t>() > 5) fail("is a pickle of a protocol above 5");
        return;
      case 0x95:  // FRAME
        bytes_.take(8);
        return;
      case '.':
        root_ = pop();
        return;
      case '(':
        return push(PickleMark());
      case 'N':
        return push(PickleNone());
      case 0x88:
        return push(true);
      case 0x89:
        return push(false);
      case 'J':
        return push(std::int64_t{bytes_.number<std::int32_t>()});
      case 'K':
        return push(std::int64_t{bytes_.number<std::uint8_t>()});
      case 'M':
        return push(std::int64_t{bytes_.number<std::uint16_t>()});
      case 0x8a:
        return push(bytes_.long_integer());
      case 'G':
        return push(bytes_.big_endian_double());
      case 'X':
        return push(bytes_.text(bytes_.number<std::uint32_t>()));
      case 0x8c:
      case 'U':
        return push(bytes_.text(bytes_.number<std::uint8_t>()));
      case 'c': {
        const std::string module = bytes_.line();
        return push_global(module + "." + bytes_.line());
      }
      case 0x93: {  // STACK_GLOBAL
        const std::string name = text_at(pop());
        const std::string module = text_at(pop());
        return push_global(module + "." + name);
      }
      default:
        return step_structure(opcode);
    }
  }

  // Empty containers and what fills them. 'u' and 'e' take all that lies above the mark.
  void step_structure(unsigned char opcode) {
    switch (opcode) {
      case '}':
        return push(PickleDict());
      case ']':
        return push(PickleSequence{{}, false});
      case ')':
        return push(PickleSequence{{}, true});
      case 0x85:
      case 0x86:
      case 0x87:
        return push_tuple(opcode - 0x84U);
      case 't':
        return push(PickleSequence{pop_to_mark(), true});
      case 'a': {
        const PickleIndex item = pop();
        return append({item});
      }
      case 'e':
        return append(pop_to_mark());
      case 's': {
        const PickleIndex value = pop();
        const PickleIndex key = pop();
        return set_items({key, value});
      }
      case 'u':
        return set_items(pop_to_mark());
      // BINPERSID: torch.save writes a tensor's storage as a persistent id
      case 'Q':
        return push_storage(pop());
      // REDUCE: in Python a call of any function, here of the three above
      case 'R': {
        const PickleIndex arguments = pop();
        return reduce(pop(), arguments);
      }
      case 'b':  // BUILD: the attributes of an OrderedDict, its _metadata
        pop();
        if (!std::holds_alternative<PickleDict>(value(top())))
          fail("is a pickle that sets attributes of " + kind_of(value(top())));
        return;
      default:
        return step_memo(opcode);
    }
  }

  // The memo names values, so that a file can use one in several places.
  void step_memo(unsigned char opcode) {
    switch (opcode) {
      case 'q':
        memo_[bytes_.number<std::uint8_t>()] = top();
        return;
      case 'r':
        memo_[bytes_.number<std::uint32_t>()] = top();
        return;
      case 0x94:  // MEMOIZE
        memo_[static_cast<std::uint32_t>(memo_.size())] = top();
        return;
      case 'h':
        return stack_.push_back(remembered(bytes_.number<std::uint8_t>()));
      case 'j':
        return stack_.push_back(remembered(bytes_.number<std::uint32_t>()));
      default:
        fail("is a pickle with the opcode " + std::to_string(opcode) + " at byte " +
             std::to_string(bytes_.position() - 1) + ", which torch.save does not write into a state dict");
    }
  }

  void push(PickleValue value) {
    // Values are stored once and named by index: to use one again costs no copy and no recursion.
    if (pickle_.values.size() == kMaxValues) fail("is a pickle of more values than any state dict has");
    stack_.push_back(pickle_.values.size());
    pickle_.values.push_back(std::move(value));
  }

  void push_global(const std::string& name) {
    if (name.size() > kMaxWord)
      fail("is a pickle with a class whose name has " + std::to_string(name.size()) + " bytes");
    if (!is_known_global(name)) {
      fail("is a pickled Python checkpoint with " + name +
           " in it, not a state dict of tensors alone; save its state dict with torch.save in Python");
    }
    push(PickleGlobal{name});
  }

  PickleIndex top() const {
    if (stack_.empty()) fail("is a pickle that takes from an empty stack");
    return stack_.back();
  }

  PickleIndex pop() {
    const PickleIndex index = top();
    stack_.pop_back();
    return index;
  }

  std::vector<PickleIndex> pop_to_mark() {
    std::size_t mark = stack_.size();
    while (mark > 0 && !std::holds_alternative<PickleMark>(value(stack_[mark - 1]))) --mark;
    if (mark == 0) fail("is a pickle without a mark where one is needed");
    std::vector<PickleIndex> items(stack_.begin() + static_cast<std::ptrdiff_t>(mark), stack_.end());
    stack_.resize(mark - 1);
    return items;
  }

  void push_tuple(std::size_t size) {
    PickleSequence tuple{std::vector<PickleIndex>(size), true};
    for (std::size_t i = size; i > 0; --i) tuple.items[i - 1] = pop();
    push(std::move(tuple));
  }

  void append(const std::vector<PickleIndex>& items) {
    auto* list = std::get_if<PickleSequence>(&value(top()));
    if (list == nullptr || list->is_tuple) fail("is a pickle that appends to " + kind_of(value(top())));
    list->items.insert(list->items.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<PickleIndex>& items) {
    auto* dict = std::get_if<PickleDict>(&value(top()));
    if (dict == nullptr || items.size() % 2 != 0)
      fail("is a pickle that sets items of " + kind_of(value(top())));
    for (std::size_t i = 0; i < items.size(); i += 2) dict->items.emplace_back(items[i], items[i + 1]);
  }

  PickleIndex remembered(std::uint32_t key) const {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("is a pickle that uses a value before it is there");
    return found->second;
  }

  /// Elements of a tuple or a list.
  const std::vector<PickleIndex>& items_at(PickleIndex index) {
    const auto* sequence = std::get_if<PickleSequence>(&value(index));
    if (sequence == nullptr) fail("is a pickle with " + kind_of(value(index)) + " in place of a tuple");
    return sequence->items;
  }

  const std::string& text_at(PickleIndex index) {
    const auto* result = std::get_if<std::string>(&value(index));
    if (result == nullptr) fail("is a pickle with " + kind_of(value(index)) + " in place of a text");
    return *result;
  }

  std::int64_t integer_at(PickleIndex index) {
    const auto* result = std::get_if<std::int64_t>(&value(index));
    if (result == nullptr) fail("is a pickle with " + kind_of(value(index)) + " in place of an integer");
    return *result;
  }

  TensorShape shape_at(PickleIndex index) {
    TensorShape shape;
    const std::vector<PickleIndex>& sizes = items_at(index);
    if (sizes.size() > kMaxDimensions)
      fail("is a pickle with a tensor of " + std::to_string(sizes.size()) + " dimensions");
    for (const PickleIndex size : sizes) shape.push_back(integer_at(size));
    return shape;
  }

  /// ("storage", torch.FloatStorage, key, device, number of elements)
  void push_storage(PickleIndex index) {
    const std::vector<PickleIndex>& parts = items_at(index);
    if (parts.size() != 5 || text_at(parts[0]) != "storage")
      fail("is a pickle with an unknown persistent id");
    const auto* type = std::get_if<PickleGlobal>(&value(parts[1]));
    if (type == nullptr) fail("is a pickle with a storage of no type");
    const std::string& key = text_at(parts[2]);
    if (key.size() > kMaxWord)
      fail("is a pickle with a storage whose name has " + std::to_string(key.size()) + " bytes");
    PickleStorage storage{type->name.substr(type->name.rfind('.') + 1), key, integer_at(parts[4])};
    push(std::move(storage));
  }

  void reduce(PickleIndex function, PickleIndex arguments) {
    const auto* global = std::get_if<PickleGlobal>(&value(function));
    if (global == nullptr) fail("is a pickle that calls " + kind_of(value(function)));
    const std::vector<PickleIndex>& parts = items_at(arguments);
    if (global->name == kOrderedDict && parts.empty()) return push(PickleDict());
    // A parameter is its tensor; whether it wants a gradient does not matter.
    if (global->name == kRebuildParameter && !parts.empty()) return stack_.push_back(parts[0]);
    // _rebuild_tensor_v2(storage, offset, shape, strides, …)
    const auto* storage = parts.empty() ? nullptr : std::get_if<PickleStorage>(&value(parts[0]));
    if (global->name != kRebuildTensor || parts.size() < 4 || storage == nullptr) {
      fail("is a pickle that calls " + global->name + " in an unknown way");
    }
    push(PickledTensor{storage->type, storage->key, storage->size, integer_at(parts[1]), shape_at(parts[2]),
                       shape_at(parts[3])});
  }

  PickleValue& value(PickleIndex index) { return pickle_.values[index]; }

  PickleBytes bytes_;
  Pickle pickle_;
  std::vector<PickleIndex> stack_;
  std::map<std::uint32_t, PickleIndex> memo_;
  std::optional<PickleIndex> root_;
};

}  // namespace

std::string kind_of(const PickleValue& value) {
  static constexpr std::array<const char*, std::variant_size_v<PickleValue>> kKinds = {
      "None",    "a mark", "a truth value", "a number",  "a number", "a text",
      "a class", "a list", "a dict",        "a storage", "a tensor"};
  return kKinds[value.index()];
}

Pickle read_pickle(std::span<const std::byte> bytes) { return PickleReader(bytes).read(); }

}  // namespace clipcls
