#include "files/file_lock.h"

#include <sys/file.h>

#include <cerrno>

namespace clipcls {

bool try_lock(int descriptor) {
  int result = 0;
  do result = flock(descriptor, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  return result == 0 || errno != EWOULDBLOCK;
}

}  // namespace clipcls
