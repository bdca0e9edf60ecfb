#pragma once

#include <string>

#include "openai_architecture.h"

namespace clipcls {

/// One line for people: "vision transformer, 12 layers, 768 wide, 12 heads, patches of 32 pixels".
std::string describe_image_encoder(const OpenAiArchitecture& architecture);

/// "transformer, 12 layers, 512 wide, 8 heads".
std::string describe_text_encoder(const OpenAiArchitecture& architecture);

}  // namespace clipcls
