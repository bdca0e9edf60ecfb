#pragma once

#include <filesystem>
#include <string_view>

namespace clipcls {

/// All files and folders that this program writes for its user. A new kind gets a line in output_kind.cpp:
/// nothing else may be replaced by it.
enum class OutputKind {
  kResults,        ///< of classifying, in every format
  kEvaluation,     ///< figures of an evaluation, in every format
  kCalibration,    ///< a file that a calibration wrote
  kLabels,         ///< labels that were made of examples
  kRunSettings,    ///< what the rows beside it were made with
  kPictureStates,  ///< how the pictures of the rows beside it were
  kFeatureFolder,  ///< image features
  kModelFolder,    ///< an imported model
};

/// What `kind` is called in messages: "results", "a calibration".
std::string_view output_kind_name(OutputKind kind);

/// The first line of a file of kPictureStates.
inline constexpr const char* kPictureStatesHead = "image\tbytes\tmodified_ns\n";

/// How much of a file begins_as() has to see.
inline constexpr std::size_t kOutputHeadBytes = 65536;

/// Whether a file that begins with `head` is of `kind`, a kind of files: `head` is its first
/// kOutputHeadBytes, or all of it. A file that was cut off within the first words is, and so is an empty one.
bool begins_as(OutputKind kind, std::string_view head);

/// Whether `folder` is of `kind`, a kind of folders, and holds nothing else; or is empty.
bool is_folder_of(OutputKind kind, const std::filesystem::path& folder);

}  // namespace clipcls
