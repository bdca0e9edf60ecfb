#pragma once

#include <string>

#include "clipcls/error.h"

namespace clipcls {

/// A library that is opened when it is needed. libcurl brings thirty others along (LDAP, Kerberos, …), which
/// the loader would map and relocate at each start of the program: 6 ms for a step that classifying never
/// takes. The declarations still come from the library's own headers: call symbol<decltype(&function)>().
class SharedLibrary {
 public:
  /// `name`: the file as the loader looks for it, "libcurl.so.4". Throws Error of `kind` that names it, the
  /// `purpose` and the Debian `package` that has it. Once open it stays open: libraries with threads cannot
  /// be unloaded.
  SharedLibrary(const char* name, const char* package, const char* purpose, ErrorKind kind);

  template <typename Function>
  Function symbol(const char* name) const {
    return reinterpret_cast<Function>(find(name));
  }

 private:
  void* find(const char* name) const;

  std::string name_;
  ErrorKind kind_;
  void* handle_;
};

}  // namespace clipcls
