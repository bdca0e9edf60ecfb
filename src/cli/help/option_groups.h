#pragma once

#include <array>

namespace clipcls {

// The groups of flags. A command with few flags shows them as one.

inline constexpr const char* kInputGroup = "Input";
inline constexpr const char* kModelGroup = "Model";
inline constexpr const char* kLabelGroup = "Labels and prompts";
inline constexpr const char* kScoreGroup = "Scores";
inline constexpr const char* kExampleGroup = "Runs that are compared, labels from examples";
inline constexpr const char* kServerGroup = "Server";
inline constexpr const char* kOutputGroup = "Output";
inline constexpr const char* kSpeedGroup = "Speed";
inline constexpr const char* kCacheGroup = "Cache";
inline constexpr const char* kPhotoGroup = "Photo libraries";
inline constexpr const char* kGeneralGroup = "General";

/// In the order of --help.
inline constexpr std::array kOptionGroups = {kInputGroup,   kModelGroup,  kLabelGroup,  kScoreGroup,
                                             kExampleGroup, kServerGroup, kOutputGroup, kSpeedGroup,
                                             kCacheGroup,   kPhotoGroup,  kGeneralGroup};

}  // namespace clipcls
