#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clipcls/photos/photo_sorter.h"
#include "clipcls/photos/xmp_keywords.h"
#include "clipcls/pipeline/image_result.h"
#include "photo_options.h"

namespace clipcls {

/// What --sort-into and --write-xmp do with the file of each result.
class PhotoActions {
 public:
  /// Throws Error (kOutput) when a folder cannot be written to or a library is missing. Warns of labels that
  /// share a folder, unless `is_quiet`. Changes no file yet.
  PhotoActions(PhotoOptions options, std::vector<std::string> labels, bool is_quiet);

  /// Writes the keywords of one result and puts its file into the folder of its label; `result` then says
  /// where. An image with an error or without a label that counts stays as it is. False when something
  /// failed, which has been said on standard error.
  bool apply(ImageResult& result);

  /// Says on standard error what was done, and how to undo it.
  void summarize() const;

 private:
  std::vector<std::string> labels_that_count(const ImageResult& result) const;
  void write_keywords(const std::string& path, const std::vector<std::string>& keywords);
  void sort(ImageResult& result, const std::string& label);

  PhotoOptions options_;
  std::vector<std::string> labels_;
  bool is_quiet_;
  std::optional<PhotoSorter> sorter_;
  std::optional<XmpKeywords> xmp_;
  std::size_t num_sorted_ = 0;
  std::size_t num_there_already_ = 0;
  std::size_t num_unsure_ = 0;
  std::size_t num_tagged_ = 0;
};

}  // namespace clipcls
