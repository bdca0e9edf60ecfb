#include "photos/companions.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

#include "clipcls/error.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxNames = 500'000;  // about 40 MB

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// Neighbours in a set. (std::ranges::subrange of such iterators is more than clang 14 can compile.)
struct NameRange {
  std::set<std::string>::const_iterator first;
  std::set<std::string>::const_iterator last;

  auto begin() const { return first; }
  auto end() const { return last; }
};

/// The names that are `stem` and a dot and something.
NameRange names_of_stem(const std::set<std::string>& names, const std::string& stem) {
  // Names are sorted, so those of one stem are neighbours; '/' is in no name.
  return {names.lower_bound(stem + '.'), names.lower_bound(stem + '/')};  // '/' follows '.'
}

/// ".jpg" of ".jpg.json".
std::string_view first_ending(std::string_view after_stem) {
  return after_stem.substr(0, after_stem.find('.', 1));
}

/// Whether the name of a file with that ending may stand before further endings: 2024.05.jpg is not of
/// 2024.05.
bool is_real_ending(std::string_view ending) { return std::ranges::any_of(ending, is_letter); }

std::string version_suffix(int number) {
  return std::string(number < 10 ? "_0" : "_").append(std::to_string(number));
}

}  // namespace

fs::path sidecar_path(const fs::path& photo, SidecarName name) {
  fs::path path = photo;
  if (name == SidecarName::kReplaced) return path.replace_extension(".xmp");
  path += ".xmp";
  return path;
}

CompanionFinder::CompanionFinder(std::function<bool(std::string_view)> is_picture_name)
    : is_picture_name_(std::move(is_picture_name)) {}

CompanionFinder::Folder& CompanionFinder::read(const fs::path& path) {
  const auto known = folders_.find(path.native());
  if (known != folders_.end()) return known->second;
  // All are forgotten: photos come folder by folder, so that most of it is not asked for again.
  if (num_names_ > kMaxNames) {
    folders_.clear();
    num_names_ = 0;
  }
  Folder folder;
  struct stat status {};
  std::error_code error;
  const fs::path& listed = path.empty() ? "." : path;
  if (stat(listed.c_str(), &status) != 0) error.assign(errno, std::system_category());
  // Two paths to one folder have one key.
  folder.key = std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino) + '/';
  fs::directory_iterator entries;
  if (!error) entries = fs::directory_iterator(listed, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    std::error_code ignored;
    const auto type = entries->symlink_status(ignored).type();
    if (type != fs::file_type::directory) folder.names.insert(entries->path().filename().string());
  }
  // Half a list would leave companions behind without a word.
  if (error) {
    throw Error(ErrorKind::kOutput, listed.string() + ": cannot be listed, so that it is not known what " +
                                        "belongs to its photos: " + error.message());
  }
  num_names_ += folder.names.size();
  return folders_.emplace(path.native(), std::move(folder)).first->second;
}

/// Whether `picture` is the name of another picture beside `photo` which a run may be given.
bool CompanionFinder::comes_by_itself(const std::string& picture, const std::string& photo) const {
  return picture != photo && is_picture_name_(picture) && !is_part_(picture, photo);
}

std::vector<Companion> CompanionFinder::find(const fs::path& photo) {
  const Folder& folder = read(photo.parent_path());
  const std::string stem = photo.stem().string();
  const std::string name = photo.filename().string();
  const auto picture_of = [&](const std::string& other) {
    return comes_by_itself(other, name) ? folder.key + other : std::string();
  };
  // What further endings may follow, by its own one, where capitals count as small letters.
  // First pass: which files of this stem have one ending alone. A file with further endings belongs to one of
  // them.
  std::multimap<std::string, std::string> owners = {{lower(photo.extension().string()), name}};
  for (const std::string& other : names_of_stem(folder.names, stem)) {
    const std::string after = other.substr(stem.size());
    if (first_ending(after) == after && other != name) owners.emplace(lower(after), other);
  }

  // Second pass: what goes along, and whether another picture has a better claim to it.
  std::vector<Companion> found;
  for (const std::string& other : names_of_stem(folder.names, stem)) {
    if (other == name) continue;
    Companion companion{photo.parent_path() / other, other.substr(stem.size()), picture_of(other)};
    const std::string_view first = first_ending(companion.after_stem);
    if (first != companion.after_stem) {
      const auto [begin, end] = owners.equal_range(lower(first));
      // Nobody's: IMG.1.jpg is a photo of its own and no companion of IMG.jpg.
      if (begin == end || !is_real_ending(first)) continue;
      const bool is_own = std::any_of(begin, end, [&](const auto& owner) { return owner.second == name; });
      if (!is_own && companion.picture.empty()) companion.picture = picture_of(begin->second);
    }
    found.push_back(std::move(companion));
  }
  // Third pass: darktable's further versions, which have another stem. They are numbered without gaps.
  for (const auto& [ending, owner] : owners) {
    for (int number = 1;; ++number) {
      const std::string after = version_suffix(number) + owner.substr(stem.size()) + ".xmp";
      if (!folder.names.contains(stem + after)) break;
      found.push_back({photo.parent_path() / (stem + after), after, picture_of(owner)});
    }
  }
  std::erase_if(found, [this](const Companion& companion) { return stays_(companion.path); });
  return found;
}

std::vector<std::string> CompanionFinder::other_pictures(const fs::path& photo) {
  const Folder& folder = read(photo.parent_path());
  const std::string stem = photo.stem().string();
  std::vector<std::string> names;
  for (const std::string& other : names_of_stem(folder.names, stem)) {
    const std::string after = other.substr(stem.size());
    if (first_ending(after) == after && comes_by_itself(other, photo.filename().string()))
      names.push_back(other);
  }
  return names;
}

std::vector<std::string> CompanionFinder::parts(const fs::path& photo) {
  std::vector<std::string> names;
  const std::string stem = photo.stem().string();
  for (const std::string& other : names_of_stem(read(photo.parent_path()).names, stem)) {
    const std::string after = other.substr(stem.size());
    if (first_ending(after) == after && is_part_(other, photo.filename().string())) names.push_back(other);
  }
  return names;
}

std::string CompanionFinder::picture_key(const fs::path& photo) {
  return read(photo.parent_path()).key + photo.filename().string();
}

void CompanionFinder::add(const fs::path& file) {
  const auto known = folders_.find(file.parent_path().native());
  if (known != folders_.end()) known->second.names.insert(file.filename().string());
}

}  // namespace clipcls
