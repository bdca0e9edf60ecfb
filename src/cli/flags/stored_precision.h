#pragma once

#include <map>
#include <string>

#include "model/import_model.h"

namespace clipcls {

/// The words of --precision where weights are stored.
inline const std::map<std::string, StoredPrecision> kStoredPrecisions = {{"fp32", StoredPrecision::kFloat32},
                                                                         {"fp16", StoredPrecision::kFloat16}};

}  // namespace clipcls
