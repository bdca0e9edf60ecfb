// A list of paths: names come as they are written, and nobody waits for one that is not there yet.
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "files/file_descriptor.h"
#include "files/text_file.h"
#include "pipeline/image_source.h"

namespace clipcls {
namespace {

constexpr int kTickMilliseconds = 100;  // where nothing tells of a stop
constexpr std::size_t kBlockBytes = 65536;
// Far more than any system opens (PATH_MAX is 4096): a longer line is no path, and memory holds no more.
constexpr std::size_t kMaxPathBytes = 65536;
constexpr std::size_t kHeadBytes = 4;  // of the longest byte-order mark

class PathList final : public ImageSource {
 public:
  /// `file` is not open where the list comes on standard input.
  PathList(std::string name, FileDescriptor file, char separator)
      : name_(std::move(name)),
        file_(std::move(file)),
        descriptor_(file_.is_open() ? file_.number() : STDIN_FILENO),
        separator_(separator) {}

  std::optional<ImageInput> next() override {
    for (;;) {
      if (!is_head_read_ && !read_head()) return std::nullopt;
      if (std::optional<std::string> path = take_path()) {
        if (!path->empty()) return ImageInput{std::move(*path)};
        continue;
      }
      // A failure to read comes once, behind the paths that were read before it, as a row of its own.
      if (is_closed_) return std::exchange(failure_, std::nullopt);
      // Never waits: the images that are named already can be encoded meanwhile.
      if (!has_bytes()) return std::nullopt;
      read_block();
    }
  }

  bool is_at_end() const override { return is_closed_ && begin_ == bytes_.size() && !failure_; }

  void wait(const std::stop_token& stop) override {
    const FileDescriptor stopped(eventfd(0, EFD_CLOEXEC));
    // Adding to it makes it readable, which ends poll().
    const std::stop_callback on_stop(stop, [&] { eventfd_write(stopped.number(), 1); });
    std::array<pollfd, 2> files = {{{descriptor_, POLLIN, 0}, {stopped.number(), POLLIN, 0}}};
    // Where there is no descriptor left for it, -1, poll() passes over it.
    const int milliseconds = stopped.is_open() ? -1 : kTickMilliseconds;
    while (!is_closed_ && !stop.stop_requested() && ::poll(files.data(), files.size(), milliseconds) <= 0) {
    }
  }

 private:
  /// Leaves out a byte-order mark at the head of the list. Waits for nobody: false, the rest of one may still
  /// come.
  bool read_head() {
    while (bytes_.size() < kHeadBytes && !is_closed_ && has_bytes()) read_block();
    // Fewer than four bytes whose first is beyond ASCII may be a mark of which the rest is still to come.
    const bool may_be_cut = bytes_.size() < kHeadBytes && !is_closed_;
    if (may_be_cut && (bytes_.empty() || static_cast<unsigned char>(bytes_.front()) >= 0x80)) return false;
    if (const std::string problem = wide_text_problem(bytes_); !problem.empty() && separator_ == '\n')
      throw Error(ErrorKind::kInvalidArgument, place_of(name_) + ": " + problem);
    bytes_.erase(0, bytes_.size() - drop_byte_order_mark(bytes_).size());
    is_head_read_ = true;
    require_no_nul(0);
    return true;
  }

  /// The next path of what was read; none: its end has not been read.
  std::optional<std::string> take_path() {
    const std::size_t end = bytes_.find(separator_, searched_);
    // What has been searched is not searched again, or a long line that comes in small pieces would cost its
    // square.
    searched_ = std::min(end, bytes_.size());
    if (searched_ - begin_ > kMaxPathBytes) {
      fail("is longer than " + std::to_string(kMaxPathBytes) +
           " bytes, which is not a path; is this a list of paths" +
           (separator_ == '\0' ? ", each ended by a NUL byte? Without -0 it is one path a line"
                               : ", one a line?"));
    }
    if (end == std::string::npos && (!is_closed_ || begin_ == bytes_.size())) return std::nullopt;
    std::string path = bytes_.substr(begin_, searched_ - begin_);
    ++num_paths_;
    begin_ = searched_ = std::min(searched_ + 1, bytes_.size());
    // A list that was written on Windows.
    if (separator_ == '\n' && path.ends_with('\r')) path.pop_back();
    return path;
  }

  bool has_bytes() const {
    pollfd file = {descriptor_, POLLIN, 0};
    return ::poll(&file, 1, 0) > 0;
  }

  void read_block() {
    // Once a block, and not once a path, as it moves all that is left.
    bytes_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    std::array<char, kBlockBytes> block;  // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    const ssize_t size = ::read(descriptor_, block.data(), block.size());
    if (size > 0) {
      const std::size_t num_old = bytes_.size();
      bytes_.append(block.data(), static_cast<std::size_t>(size));
      if (is_head_read_) require_no_nul(num_old);  // read_head() knows UTF-16 first
    } else if (size == 0 || errno != EINTR) {
      // After an interrupted read the caller polls again; everything else that is no data ends the list.
      if (size < 0) {
        failure_ = ImageInput{name_, false,
                              Error(ErrorKind::kUnreadable, "reading the list failed midway: " +
                                                                std::system_category().message(errno))};
      }
      is_closed_ = true;
    }
  }

  /// Checks the bytes that were read after the first `num_seen`.
  void require_no_nul(std::size_t num_seen) {
    const std::size_t nul = separator_ == '\0' ? std::string::npos : bytes_.find('\0', num_seen);
    if (nul == std::string::npos) return;
    const std::string_view before(bytes_.data() + begin_, nul - begin_);
    num_paths_ += static_cast<std::size_t>(std::ranges::count(before, separator_));
    fail("holds a NUL byte, which no path does; did you mean -0?");
  }

  /// Reports a problem of the next path.
  [[noreturn]] void fail(const std::string& problem) const {
    const char* const noun = separator_ == '\0' ? ": path " : ": line ";
    throw Error(ErrorKind::kInvalidArgument, (name_ == kStdinName ? "the list on standard input" : name_) +
                                                 noun + std::to_string(num_paths_ + 1) + " " + problem);
  }

  std::string name_;
  FileDescriptor file_;
  int descriptor_;
  char separator_;
  std::string bytes_;
  std::size_t begin_ = 0;      ///< of the next path
  std::size_t searched_ = 0;   ///< there is no separator before
  std::size_t num_paths_ = 0;  ///< taken, empty ones too
  bool is_head_read_ = false;
  bool is_closed_ = false;
  std::optional<ImageInput> failure_;
};

}  // namespace

std::unique_ptr<ImageSource> open_path_list(const std::string& file, bool is_nul_separated) {
  const bool is_standard_input = file == kStdinName;
  FileDescriptor opened = is_standard_input ? FileDescriptor() : open_file(file, O_RDONLY);
  // A folder can be opened and not read.
  if (!is_standard_input && (!opened.is_open() || read_some(opened.number(), {}) < 0)) {
    const std::string reason = std::system_category().message(errno);
    throw Error(ErrorKind::kInvalidArgument, file + ": the list of paths cannot be read: " + reason);
  }
  std::array<char, kHeadBytes> head{};
  // The head of an ordinary file is checked before anything is done with the files that it names.
  const int descriptor = is_standard_input ? STDIN_FILENO : opened.number();
  const ssize_t num_head_bytes =
      ::pread(descriptor, head.data(), head.size(), ::lseek(descriptor, 0, SEEK_CUR));
  const std::string problem =
      num_head_bytes > 0 ? wide_text_problem({head.data(), static_cast<std::size_t>(num_head_bytes)}) : "";
  if (!problem.empty() && !is_nul_separated)
    throw Error(ErrorKind::kInvalidArgument, place_of(file) + ": " + problem);
  return std::make_unique<PathList>(file, std::move(opened), is_nul_separated ? '\0' : '\n');
}

}  // namespace clipcls
