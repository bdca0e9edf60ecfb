// The worker alone, as the program's main() starts it: tests of the core need no libtorch.
#include <cstdlib>

#include "image/decode_sandbox.h"

int main(int argc, char** argv) {
  if (!clipcls::is_decode_worker(argc, argv)) return 1;
  std::_Exit(clipcls::run_decode_worker(argc, argv));
}
