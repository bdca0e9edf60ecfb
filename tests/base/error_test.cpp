#include "clipcls/error.h"

#include <gtest/gtest.h>

#include <string>

namespace clipcls {
namespace {

std::string message(const std::string& text) { return Error(ErrorKind::kLabels, text).what(); }

TEST(Error, IsOneLineWhateverWasTyped) {
  EXPECT_EQ(message("a\nb\t\x1b[31m\x7f"), "a\\x0Ab\\x09\\x1B[31m\\x7F");
  EXPECT_EQ(message(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(message("Straße 猫"), "Straße 猫");
  // A message that is wrapped into another one stays as it is.
  EXPECT_EQ(message(message("a\nb")), message("a\nb"));
}

TEST(Error, KeepsBothEndsOfALongMessage) {
  const std::string short_enough(4000, 'x');
  EXPECT_EQ(message(short_enough), short_enough);
  std::string cats;
  for (int i = 0; i < 40000; ++i) cats += "猫";
  for (const char* shift : {"", "a", "ab"}) {
    const std::string line = message("place: " + (shift + cats) + "; what is right");
    EXPECT_LE(line.size(), 4000U);
    EXPECT_TRUE(line.starts_with(std::string("place: ") + shift + "猫")) << line.substr(0, 20);
    EXPECT_TRUE(line.ends_with("猫; what is right")) << line.substr(line.size() - 30);
    // No character is cut: nothing but whole ones stands at both sides of the gap.
    EXPECT_NE(line.find("猫 … 猫"), std::string::npos);
  }
}

}  // namespace
}  // namespace clipcls
