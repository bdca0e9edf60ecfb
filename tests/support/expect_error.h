#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

/// Expects `action` to throw an Error of `kind` whose one-line message holds `part`.
inline void expect_error(ErrorKind kind, const std::string& part, const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error_kind_name(error.kind()), error_kind_name(kind)) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return;
  }
  ADD_FAILURE() << "no Error was thrown; expected one with \"" << part << '"';
}

/// The message of the Error of `kind` that `action` throws; "no error" where it throws none.
inline std::string error_message(ErrorKind kind, const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "no error";
}

}  // namespace clipcls
