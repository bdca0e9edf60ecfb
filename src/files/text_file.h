#pragma once

#include <string>
#include <string_view>

#include "clipcls/error.h"

namespace clipcls {

// Text that people and their programs write: label lists, templates, tables, lists of paths. Editors differ
// in what they put at its head, at the ends of lines and around words; all of it is read alike everywhere, by
// what is here.

/// `text` without a UTF-8 byte-order mark at its head.
std::string_view drop_byte_order_mark(std::string_view text);

/// "is UTF-16 text, …" and how to convert it, where the first bytes of a file, `head`, are a byte-order mark
/// of UTF-16 or UTF-32; else empty.
std::string wide_text_problem(std::string_view head);

/// Takes the first line off `text`. LF, CR LF and CR alone end a line and are no part of it.
std::string_view take_line(std::string_view& text);

/// `text`, UTF-8, without what nobody sees around it: all that Unicode calls White_Space (with U+00A0 and
/// U+3000), and the characters without a width U+180E, U+200B, U+200E, U+200F, U+202A to U+202E, U+2060,
/// U+2066 to U+2069 and U+FEFF. Joiners stay (U+200C, U+200D): words and emoji are written with them.
std::string_view trim_invisible(std::string_view text);

/// What messages call the file of that name: "-" is "standard input".
std::string place_of(const std::string& file);

/// The whole text of `file`, "-" being standard input, without a byte-order mark. Throws Error (`kind`) that
/// names the place and ends in `expected`, what the text should be: a folder, no such file, more than 1 GiB,
/// UTF-16.
std::string read_text_file(const std::string& file, ErrorKind kind, const std::string& expected);

}  // namespace clipcls
