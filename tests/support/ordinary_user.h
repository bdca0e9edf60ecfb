#pragma once

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace clipcls {

/// While it lives, the process is bound by permissions, also where the tests are run as root: it is then the
/// user nobody, who owns `folder` and what is in it.
class OrdinaryUser {
 public:
  explicit OrdinaryUser(const std::filesystem::path& folder) {
    if (geteuid() != 0) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      give_to_nobody(entry.path());
    give_to_nobody(folder);
    was_root_ = seteuid(kNobody) == 0;
  }
  ~OrdinaryUser() {
    if (was_root_ && seteuid(0) != 0) _exit(1);
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  OrdinaryUser(OrdinaryUser&&) = delete;
  OrdinaryUser& operator=(OrdinaryUser&&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;

  static void give_to_nobody(const std::filesystem::path& path) {
    if (lchown(path.c_str(), kNobody, static_cast<gid_t>(-1)) != 0) throw std::runtime_error("lchown failed");
  }

  bool was_root_ = false;
};

}  // namespace clipcls
