#pragma once

#include <map>
#include <string>

namespace clipcls {

/// For people, or for programs.
enum class DocumentFormat { kText, kJson };

/// --format's words.
inline const std::map<std::string, DocumentFormat> kDocumentFormats = {{"text", DocumentFormat::kText},
                                                                       {"json", DocumentFormat::kJson}};

}  // namespace clipcls
