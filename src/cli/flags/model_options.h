#pragma once

#include <optional>
#include <string>
#include <variant>

#include "clipcls/model/import_model.h"

namespace clipcls {

class CommandDeclaration;

/// `clipcls model verify MODEL`
struct VerifyModelOptions {
  std::string model;
};

/// `clipcls model import SOURCE --output DIR`
struct ImportModelOptions {
  std::string source;  ///< a file or a folder
  std::string output;
  std::string config;
  StoredPrecision precision = StoredPrecision::kFloat32;
  std::string license;
  bool force = false;  ///< an existing folder is replaced
};

/// For people, or for programs.
enum class DocumentFormat { kText, kJson };

/// `clipcls model info MODEL`
struct ModelInfoOptions {
  std::string model;
  DocumentFormat format = DocumentFormat::kText;
};

/// `clipcls model list`
struct ListModelsOptions {
  bool lists_available = false;  ///< those that can be fetched by name, instead of those that are here
  DocumentFormat format = DocumentFormat::kText;
};

/// `clipcls model fetch NAME`
struct FetchModelOptions {
  std::string model;   ///< one of OpenAI's names, or hf:OWNER/NAME[@REVISION]
  std::string output;  ///< what is made; empty: under its name in the user's models folder
  std::string mirror;  ///< in place of the publishers' scheme and host; empty: none
  int stall_seconds = 30;
  StoredPrecision precision = StoredPrecision::kFloat32;
  bool imports = true;  ///< else the published files are kept as they are
  bool replaces = false;
  bool is_quiet = false;
};

/// One of the commands under `clipcls model`.
using ModelCommand = std::variant<VerifyModelOptions, ImportModelOptions, ModelInfoOptions, ListModelsOptions,
                                  FetchModelOptions>;

/// The declarations of `clipcls model …`; lives as long as the App that it declares into.
class ModelCommands {
 public:
  /// Adds the group `model` and its commands to `app`.
  explicit ModelCommands(CommandDeclaration& app);

  /// After parsing: the command that was given, if it was one of these.
  std::optional<ModelCommand> given() const;

 private:
  CommandDeclaration* verify_command_ = nullptr;
  VerifyModelOptions verify_;
  CommandDeclaration* import_command_ = nullptr;
  ImportModelOptions import_;
  CommandDeclaration* info_command_ = nullptr;
  ModelInfoOptions info_;
  CommandDeclaration* list_command_ = nullptr;
  ListModelsOptions list_;
  CommandDeclaration* fetch_command_ = nullptr;
  FetchModelOptions fetch_;
};

}  // namespace clipcls
