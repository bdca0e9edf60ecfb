#include "cli/terminal/show_license.h"

#include "cli/terminal/message.h"
#include "model/license.h"

namespace clipcls {

void show_license(const std::string& license) {
  if (bars_commercial_use(license)) {
    print_warning(commercial_warning(license));
  } else {
    print_message("the licence of the weights is " + license);
  }
}

}  // namespace clipcls
