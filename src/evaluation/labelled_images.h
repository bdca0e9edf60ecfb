#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pipeline/image_source.h"
#include "zero_shot/answer_names.h"

namespace clipcls {

/// Images whose label is known.
struct LabelledImages {
  std::vector<std::string> paths;        ///< sorted within each class
  std::vector<std::size_t> classes;      ///< [number of paths]: index into class_names
  std::vector<std::string> class_names;  ///< sorted
};

/// The images of `source`: a folder DIR/<label>/…, whose files are looked for at any depth, or a file in CSV
/// with the columns path and label, "-" being standard input; paths are relative to its folder. Junk
/// (is_junk_name), files that are no pictures by their extension and, in a folder, raw files by `raw_files`
/// are skipped. Throws Error
/// (kInvalidArgument) that names the place: no folder, a class without a picture, a row that does not fit.
LabelledImages read_labelled_images(const std::string& source,
                                    RawFiles raw_files = RawFiles::kUnlessDeveloped);

/// For each class the index of the label that it is: the one of that name, else the only one that is equal
/// but for case, '_' and blanks. Throws Error (kInvalidArgument) that lists the classes that no label fits.
/// `source` and `labels_name` are for messages.
std::vector<std::size_t> match_classes(const LabelledImages& images, const AnswerNames& labels,
                                       const std::string& source, const std::string& labels_name);

}  // namespace clipcls
