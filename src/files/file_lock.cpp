#include "files/file_lock.h"

#include <sys/file.h>

#include <cerrno>

namespace clipcls {

bool try_lock(int descriptor) {
  int result = 0;
  // A lock of flock() belongs to the open file and goes with the process, however that ends.
  do result = flock(descriptor, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  // A file system without locks is no reason to refuse: only a lock that somebody holds is.
  return result == 0 || errno != EWOULDBLOCK;
}

}  // namespace clipcls
