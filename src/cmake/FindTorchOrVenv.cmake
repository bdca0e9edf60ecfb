# Finds libtorch: what CMAKE_PREFIX_PATH names, else the torch wheel in the project's virtual environment.
# Sets the usual variables of TorchConfig.cmake.
file(GLOB CLIPCLS_TORCH_WHEEL LIST_DIRECTORIES true
     ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
# TorchConfig.cmake warns about a profiling library that the CPU build comes without.
set(saved_log_level "${CMAKE_MESSAGE_LOG_LEVEL}")
set(CMAKE_MESSAGE_LOG_LEVEL ERROR)
find_package(Torch 2.1 QUIET CONFIG)
if(NOT Torch_FOUND AND EXISTS "${CLIPCLS_TORCH_WHEEL}/lib/libtorch_cuda.so")
  # A wheel for CUDA, as PyPI has it. Its TorchConfig.cmake stops where there is no CUDA toolkit, so only its CPU part is taken.
  # Who has a GPU names a libtorch by CMAKE_PREFIX_PATH.
  set(Torch_FOUND ON)
  set(TORCH_INSTALL_PREFIX "${CLIPCLS_TORCH_WHEEL}")
  set(TORCH_INCLUDE_DIRS "${TORCH_INSTALL_PREFIX}/include" "${TORCH_INSTALL_PREFIX}/include/torch/csrc/api/include")
  set(TORCH_LIBRARIES "${TORCH_INSTALL_PREFIX}/lib/libtorch_cpu.so" "${TORCH_INSTALL_PREFIX}/lib/libc10.so")
elseif(NOT Torch_FOUND)
  find_package(Torch 2.1 QUIET CONFIG HINTS ${CLIPCLS_TORCH_WHEEL})
endif()
set(CMAKE_MESSAGE_LOG_LEVEL "${saved_log_level}")
if(NOT Torch_FOUND)
  message(FATAL_ERROR "libtorch 2.1 or newer was not found. Run scripts/setup, or unpack a libtorch and configure "
                      "with -DCMAKE_PREFIX_PATH=/path/to/libtorch")
endif()
