// GCC 12 takes the sums of short strings for overlapping copies (its bug 105651).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wrestrict"
#endif

#include "model/checkpoint/pickled_state_dict.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace clipcls {
namespace {

std::string text(const std::string& value) {
  return std::string("X") + static_cast<char>(value.size()) + std::string(3, '\0') + value;
}

std::string number(int value) { return std::string("K") + static_cast<char>(value); }

/// torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, False, OrderedDict())
std::string tensor(int storage_size, int offset, const std::string& shape, const std::string& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + ("(" + text("storage")) + "ctorch\nFloatStorage\n" +
         text("0") + text("cpu") + number(storage_size) + "tQ" + number(offset) + shape + strides +
         "\x89"
         "ccollections\nOrderedDict\n)RtR";
}

const std::string kMatrix = tensor(6, 0, "(K\x02K\x03t", "(K\x03K\x01t");

std::map<std::string, PickledTensor> parse(const std::string& program) {
  return parse_pickled_state_dict(std::as_bytes(std::span(program)));
}

void expect_refused(const std::string& program, const std::string& message) {
  expect_error(ErrorKind::kModel, message, [&] { parse(program); });
}

const std::string kStart = "\x80\x02";

TEST(PickledStateDict, ReadsADict) {
  const auto tensors =
      parse(kStart + "}(" + text("w") + kMatrix + text("b") + tensor(6, 4, "K\x02\x85", "K\x01\x85") + "u.");
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_EQ(tensors.at("w").shape, (TensorShape{2, 3}));
  EXPECT_EQ(tensors.at("w").strides, (TensorShape{3, 1}));
  EXPECT_EQ(tensors.at("w").storage_type, "FloatStorage");
  EXPECT_EQ(tensors.at("w").storage_key, "0");
  EXPECT_EQ(tensors.at("b").offset, 4);
}

TEST(PickledStateDict, ReadsAnOrderedDictWithAttributesInATrainingCheckpoint) {
  const std::string state_dict =
      "ccollections\nOrderedDict\n)R(" + text("w") + kMatrix + "u}" + text("_metadata") + "}sb";
  const auto tensors = parse(kStart + "}(" + text("epoch") + "K\x07" + text("state_dict") + state_dict +
                             text("loss") + std::string("G\x3f\xf0") + std::string(6, '\0') + "u.");
  ASSERT_EQ(tensors.size(), 1U);
  EXPECT_EQ(tensors.begin()->first, "w");
}

TEST(PickledStateDict, NamesTheClassThatItWouldHaveToCall) {
  expect_refused(kStart + "cposix\nsystem\n" + text("id") + "\x85R.", "with posix.system in it");
  expect_refused(kStart + "}" + text("args") + "cargparse\nNamespace\n)\x81s.",
                 "with argparse.Namespace in it");
  expect_refused(
      "\x80\x04" + std::string("\x8c\x08") + "builtins" + std::string("\x8c\x04") + "eval" + "\x93.",
      "with builtins.eval in it");
  expect_refused(kStart + "ctorch\nload\n.", "with torch.load in it");
}

TEST(PickledStateDict, NamesWhatIsNoStateDict) {
  expect_refused(kStart + "].", "it holds a list, not a dict of tensors");
  expect_refused(kStart + "N.", "it holds None, not a dict");
  expect_refused(kStart + "}K\x01K\x02s.", "a key of it is a number");
  expect_refused(kStart + "}" + text("epoch") + "K\x02s.", "its entry epoch is a number, not a tensor");
  expect_refused(kStart + "}.", "without a tensor");
}

TEST(PickledStateDict, RefusesViewsBeyondTheirStorage) {
  const auto dict = [](const std::string& value) { return kStart + "}" + text("w") + value + "s."; };
  const std::string message = "tensor w has shape ";
  expect_refused(dict(tensor(5, 0, "(K\x02K\x03t", "(K\x03K\x01t")), message);
  expect_refused(dict(tensor(6, 1, "(K\x02K\x03t", "(K\x03K\x01t")), message);
  expect_refused(dict(tensor(6, 7, "(" + number(0) + "t", "(K\x01t")), message);
  expect_refused(dict(tensor(6, 0, "(K\x02t", "(K\x03K\x01t")), message);
  expect_refused(dict(tensor(6, 0, "(J\xff\xff\xff\xfft", "(K\x01t")), message);
  const std::string huge = std::string("\x8a\x08") + std::string(7, '\xff') + "\x7f";
  expect_refused(dict(tensor(6, 0, "(" + huge + huge + "t", "(" + huge + huge + "t")), message);
}

TEST(PickledStateDict, RefusesBrokenPrograms) {
  expect_refused("", "ends too early");
  expect_refused(kStart, "ends too early");
  expect_refused(kStart + "X\xff\xff\xff\xff.", "ends too early");
  expect_refused(kStart + "ctorch", "ends too early");
  expect_refused(kStart + ".", "empty stack");
  expect_refused(kStart + "h\x05.", "before it is there");
  expect_refused(kStart + "t.", "without a mark");
  expect_refused(kStart + "K\x01K\x02" + "a.", "appends to a number");
  expect_refused(kStart + "}(K\x01u.", "sets items of a dict");
  expect_refused(kStart + "K\x01)R.", "calls a number");
  expect_refused(kStart + "K\x01Q.", "in place of a tuple");
  expect_refused(kStart + "i.", "the opcode 105");
  expect_refused("\x80\x09.", "protocol above 5");
}

// Each tensor would keep a copy of its shape and of its storage's name.
TEST(PickledStateDict, RefusesProgramsThatTakeFarMoreMemoryThanTheyHaveBytes) {
  std::string shape = "(";
  for (int i = 0; i < 65; ++i) shape += number(1);
  expect_refused(kStart + tensor(6, 0, shape + "t", shape + "t") + ".", "a tensor of 65 dimensions");
  std::string storage = "(" + text("storage") + "ctorch\nFloatStorage\nX" + std::string("\x2c\x01\0\0", 4) +
                        std::string(300, 'k') + text("cpu") + number(6) + "tQ.";
  expect_refused(kStart + storage, "a storage whose name has 300 bytes");
  expect_refused(kStart + "ctorch\n" + std::string(300, 'x') + "Storage\n.",
                 "a class whose name has 313 bytes");
  expect_refused(kStart + std::string(2'000'001, 'N') + ".", "more values than any state dict has");
}

TEST(PickledStateDict, SurvivesDeepNestingAndCycles) {
  std::string deep = kStart;
  for (int i = 0; i < 1000000; ++i) deep += "]";
  for (int i = 0; i < 999999; ++i) deep += "a";
  expect_refused(deep + ".", "it holds a list");
  expect_refused(kStart + "]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a.", "it holds a list");
}

TEST(PickledStateDict, SurvivesAChangeOfAnyByte) {
  const std::string good = kStart + "}(" + text("w") + kMatrix + "u}" + text("_metadata") + "}sb.";
  ASSERT_EQ(parse(good).size(), 1U);
  for (std::size_t position = 0; position < good.size(); ++position) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = good;
      changed[position] = static_cast<char>(value);
      try {
        parse(changed);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kModel);
      }
    }
  }
}

}  // namespace
}  // namespace clipcls
