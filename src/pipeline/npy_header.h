#pragma once

#include <string_view>

namespace clipcls {

/// The fields of a .npy header, as they are written there: "'<f4'", "False", "(3, 4)". Empty: it lacks the
/// field.
struct NpyHeader {
  std::string_view descr;
  std::string_view fortran_order;
  std::string_view shape;
};

/// Splits the text of a header, a Python dictionary, into its three fields, in whatever order they come.
/// Returns false where it is none, has a field twice or one that the format does not have.
bool parse_npy_header(std::string_view text, NpyHeader& header);

}  // namespace clipcls
