#include "files/text_file.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

using std::string_view_literals::operator""sv;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) lines.push_back(take_line(text));
  return lines;
}

TEST(TakeLine, EndsAtEveryLineEnd) {
  using Lines = std::vector<std::string_view>;
  EXPECT_EQ(lines_of("a\nb\r\nc\rd"), (Lines{"a", "b", "c", "d"}));
  EXPECT_EQ(lines_of("a\n\r\n\r\rb\n"), (Lines{"a", "", "", "", "b"}));
  EXPECT_EQ(lines_of("\n"), Lines{""});
}

TEST(TrimInvisible, TakesAwayWhatNobodySees) {
  // Python: [c for c in map(chr, range(0x110000)) if re.match(r"\p{White_Space}", c)] (the regex package),
  // and those of no width that the header names.
  const std::vector<std::string> invisible = {
      "\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085", "\u00A0", "\u1680", "\u2000",
      "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
      "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\u180E", "\u200B", "\u200E", "\u200F", "\u202A",
      "\u202B", "\u202C", "\u202D", "\u202E", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\uFEFF"};
  std::string all;
  for (const std::string& character : invisible) {
    std::string text = character;
    text.append(" a").append(character).append("b ").append(character).append(character);
    EXPECT_EQ(trim_invisible(text), "a" + character + "b");
    EXPECT_EQ(trim_invisible(character), "");
    all += character;
  }
  EXPECT_EQ(trim_invisible(all), "");
  EXPECT_EQ(trim_invisible(all + "犬" + all), "犬");
}

TEST(TrimInvisible, LeavesWhatWordsAreWrittenWith) {
  for (const char* text :
       {"e\u0301", "\u200Da\u200D", "\u200Ca", "\u00ADa", "\x1B[1m", "\u00E0", "\xA0", "\u0120"})
    EXPECT_EQ(trim_invisible(text), text);
  EXPECT_EQ(trim_invisible("\0"sv), "\0"sv);
}

TEST(ReadTextFile, LeavesOutAByteOrderMark) {
  const TemporaryFolder folder;
  const auto read = [&](std::string_view content) {
    return read_text_file(folder.write("list", content), ErrorKind::kLabels, "x");
  };
  EXPECT_EQ(read("\xEF\xBB\xBF\xEF\xBB\xBF"
                 "a"),
            "\xEF\xBB\xBF"
            "a");
  EXPECT_EQ(read("\xEF\xBB"), "\xEF\xBB");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("a\0b\0"sv.substr(0, 3)), "a\0b"sv);
}

TEST(ReadTextFile, SaysThatTextIsUtf16) {
  const TemporaryFolder folder;
  const auto expect = [&](const char* part, std::string_view content) {
    const std::string file = folder.write("list", content);
    for (const std::string& expected : {file + ": is ", std::string(part)})
      expect_error(ErrorKind::kInvalidArgument, expected,
                   [&] { read_text_file(file, ErrorKind::kInvalidArgument, "x"); });
  };
  expect("iconv -f UTF-16 -t UTF-8",
         "\xFF\xFE"
         "c\0a\0t\0"sv);
  expect("iconv -f UTF-16 -t UTF-8", "\xFE\xFF\0c\0a\0t"sv);
  expect("iconv -f UTF-32 -t UTF-8", "\xFF\xFE\0\0c\0\0\0"sv);
  expect("iconv -f UTF-16LE -t UTF-8", "c\0a\0t\0\r\0\n\0"sv);
  expect("iconv -f UTF-16BE -t UTF-8", "\0c\0a\0t\0\n"sv);
}

TEST(ReadTextFile, SaysWhatIsNoFile) {
  const TemporaryFolder folder;
  const auto expect = [](const std::string& expected, const std::string& file) {
    expect_error(ErrorKind::kInvalidArgument, expected,
                 [&] { read_text_file(file, ErrorKind::kInvalidArgument, "write one"); });
  };
  expect("none: no such file; write one", (folder.path() / "none").string());
  expect(": is a folder; write one", folder.path().string());
  EXPECT_EQ(place_of("-"), "standard input");
  EXPECT_EQ(place_of("./-"), "./-");
}

}  // namespace
}  // namespace clipcls
