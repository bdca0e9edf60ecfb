# What makes a memory error in the program harder to exploit, in optimised builds without sanitizers (which check more,
# and do not work with FORTIFY). tests/cli/packaging/test_hardening.py looks for it in the built program.
include(CheckPIESupported)
check_pie_supported()

set(optimised $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
# Level 3 also checks buffers whose size is known only at run time.
set(fortify_level 2)
if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12)
   OR (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 15))
  set(fortify_level 3)
endif()
if(NOT CLIPCLS_SANITIZE)
  target_compile_options(clipcls_options INTERFACE
    "$<${optimised}:-fstack-protector-strong;-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=${fortify_level}>")
  target_link_options(clipcls_options INTERFACE "$<${optimised}:LINKER:-z,relro,-z,now,-z,noexecstack>")
endif()
