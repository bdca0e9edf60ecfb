#pragma once

#include <string>
#include <utility>
#include <vector>

namespace clipcls {

/// Inputs of a command, by the flag or argument that names them: {"--labels", "-"}; a flag that is not given
/// names an empty path.
using NamedInputs = std::vector<std::pair<std::string, std::string>>;

/// Whether `file` is standard input: "-", or a path that leads to it, such as /dev/stdin and /proc/self/fd/0.
bool is_standard_input(const std::string& file);

NamedInputs joined(NamedInputs first, const NamedInputs& second);

/// Throws Error (kUsage) that names both where two of `inputs` are standard input, or the same pipe: what is
/// read of it once is not there a second time. A flag that is there twice with one value counts as two.
void require_inputs_once(const NamedInputs& inputs);

}  // namespace clipcls
