#include "base/shared_library.h"

#include <dlfcn.h>

namespace clipcls {

SharedLibrary::SharedLibrary(const char* name, const char* package, const char* purpose, ErrorKind kind)
    : name_(name), kind_(kind), handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) {
    throw Error(kind,
                std::string(purpose) + " needs " + name + " (Debian package " + package + "): " + dlerror());
  }
}

void* SharedLibrary::find(const char* name) const {
  void* address = dlsym(handle_, name);
  if (address == nullptr)
    throw Error(kind_, name_ + ": has no function " + name + "; is it another version?");
  return address;
}

}  // namespace clipcls
