#pragma once

namespace clipcls {

// What the help of a command says of its exit codes.

/// A command that goes over images.
inline constexpr const char* kImageExitCodes =
    "Exit code: 0 every image was classified; 1 some failed, each reported on standard error;\n"
    "2 nothing could be done.";

inline constexpr const char* kFeatureExitCodes =
    "Exit code: 0 every image was encoded; 1 some failed, each reported on standard error;\n"
    "2 nothing could be done.";

inline constexpr const char* kVerifyExitCodes =
    "Exit code: 0 the model computes what its reference says; 1 it does not; 2 it could not be checked.";

/// A command that does one thing.
inline constexpr const char* kExitCodes = "Exit code: 0 it is done; 2 it could not be done.";

}  // namespace clipcls
