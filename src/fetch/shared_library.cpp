#include "shared_library.h"

#include <dlfcn.h>

#include "clipcls/error.h"

namespace clipcls {

SharedLibrary::SharedLibrary(const char* name, const char* package)
    : name_(name), handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) {
    throw Error(ErrorKind::kFetch, std::string("fetching a model needs ") + name + " (Debian package " +
                                       package + "): " + dlerror());
  }
}

void* SharedLibrary::find(const char* name) const {
  void* address = dlsym(handle_, name);
  if (address == nullptr) {
    throw Error(ErrorKind::kFetch, name_ + ": has no function " + name + "; is it another version?");
  }
  return address;
}

}  // namespace clipcls
