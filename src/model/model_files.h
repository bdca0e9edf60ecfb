#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace clipcls {

/// The files in `folder` that a model folder consists of, or a published model: by their names.
std::vector<std::filesystem::path> files_of_model(const std::filesystem::path& folder);

/// The name of something else in `folder`; empty: there is nothing else.
std::string foreign_entry(const std::filesystem::path& folder);

/// Whether it has the configuration that makes a folder one of a model.
bool has_model_config(const std::filesystem::path& folder);

/// Whether `file` is an archive of weights as torch writes them, or has no bytes.
bool is_model_archive(const std::filesystem::path& file);

}  // namespace clipcls
