#pragma once

#include <string_view>

namespace clipcls {

/// The merges file of CLIP's vocabulary, cut to the 48,894 merges that CLIP uses. The build generates its
/// source from clip_merges.cpp.in.
std::string_view clip_merges_text();

}  // namespace clipcls
