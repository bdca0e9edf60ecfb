#include "files/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

#include "files/file_descriptor.h"
#include "files/read_file.h"

namespace clipcls {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// In UTF-8; ASCII's are U+0009 to U+000D and the blank.
constexpr std::array<std::string_view, 40> kInvisible = {
    "\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085", "\u00A0", "\u1680", "\u180E",
    "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
    "\u200A", "\u200B", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B", "\u202C", "\u202D",
    "\u202E", "\u202F", "\u205F", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\u3000", "\uFEFF"};

std::string is_in(const std::string& encoding) {
  return "is " + encoding + " text, and UTF-8 is read; convert it: iconv -f " + encoding +
         " -t UTF-8 FILE > NEW";
}

/// The problem of UTF-16 or UTF-32 without a mark: every other byte of ASCII letters is NUL.
std::string unmarked_wide_text_problem(std::string_view text) {
  constexpr std::size_t kHeadBytes = 64;
  const std::string_view head = text.substr(0, kHeadBytes);
  // Fewer bytes prove nothing.
  if (head.size() < 4) return {};
  std::array<std::size_t, 2> num_nul{};
  for (std::size_t i = 0; i < head.size(); ++i) num_nul[i % 2] += head[i] == '\0' ? 1 : 0;
  if (num_nul[0] == 0 && num_nul[1] == head.size() / 2) return is_in("UTF-16LE");
  if (num_nul[1] == 0 && num_nul[0] == (head.size() + 1) / 2) return is_in("UTF-16BE");
  return {};
}

}  // namespace

std::string_view drop_byte_order_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

std::string wide_text_problem(std::string_view head) {
  // UTF-32 first, as its little-endian mark begins with that of UTF-16.
  if (head.starts_with("\xFF\xFE\0\0"sv) || head.starts_with("\0\0\xFE\xFF"sv)) return is_in("UTF-32");
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) return is_in("UTF-16");
  return {};
}

std::string_view take_line(std::string_view& text) {
  // LF, CR LF, and CR alone, which old Macs wrote.
  const std::size_t end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  if (end == std::string_view::npos) {
    text = {};
    return line;
  }
  text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  return line;
}

std::string_view trim_invisible(std::string_view text) {
  const auto begins = [&](std::string_view character) { return text.starts_with(character); };
  const auto ends = [&](std::string_view character) { return text.ends_with(character); };
  // Whole characters are compared and not bytes, so that no character is cut in two.
  for (const auto* found = kInvisible.begin();
       (found = std::ranges::find_if(kInvisible, begins)) != kInvisible.end();)
    text.remove_prefix(found->size());
  for (const auto* found = kInvisible.begin();
       (found = std::ranges::find_if(kInvisible, ends)) != kInvisible.end();)
    text.remove_suffix(found->size());
  return text;
}

std::string place_of(const std::string& file) { return file == "-" ? "standard input" : file; }

std::string read_text_file(const std::string& file, ErrorKind kind, const std::string& expected) {
  const auto refuse = [&](const std::string& problem) { throw Error(kind, place_of(file) + ": " + problem); };
  const auto fail_to_read = [&](int error) { refuse(read_problem(error) + "; " + expected); };
  const bool is_standard_input = file == "-";
  // A pipe is waited for: it may be the output of another program.
  const FileDescriptor opened = is_standard_input ? FileDescriptor() : open_file(file, O_RDONLY);
  if (!is_standard_input && !opened.is_open()) fail_to_read(errno);
  std::string text;
  const int error = read_to_end(is_standard_input ? STDIN_FILENO : opened.number(), text);
  if (error != 0) fail_to_read(error);
  for (const std::string& problem : {wide_text_problem(text), unmarked_wide_text_problem(text)})
    if (!problem.empty()) refuse(problem);
  text.erase(0, text.size() - drop_byte_order_mark(text).size());
  return text;
}

}  // namespace clipcls
