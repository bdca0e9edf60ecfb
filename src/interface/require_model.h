#pragma once

#include <filesystem>
#include <string>

namespace clipcls {

/// find_model() and find_model_folder(), whose error says how the model can be fetched where it can be.
std::filesystem::path require_model(const std::string& model);
std::filesystem::path require_model_folder(const std::string& model);

}  // namespace clipcls
