# reduced_icu_data: an ICU data library with the one item that clipcls uses, 60 kB in place of 31 MB, for the packages that
# bring their own ICU. Canonical normalisation, case and properties of characters are compiled into libicuuc; locales,
# names of characters and legacy encodings are not used. The test `core.reduced_icu` runs all texts with it.
find_program(CLIPCLS_ICUPKG icupkg)
mark_as_advanced(CLIPCLS_ICUPKG)
if(NOT CLIPCLS_ICUPKG OR NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")  # the archive's name ends in the byte order
  message(STATUS "No icupkg (Debian package icu-devtools): packages get ICU's whole data")
  return()
endif()

string(REGEX REPLACE "\\..*" "" ICU_MAJOR "${ICU_VERSION}")
set(ICU_DATA ${PROJECT_BINARY_DIR}/icu_data/reduced/icudt${ICU_MAJOR}l.dat)
set(all_icu_data ${PROJECT_BINARY_DIR}/icu_data/icudt${ICU_MAJOR}l.dat)
find_library(CLIPCLS_ICUDATA_LIBRARY NAMES icudata REQUIRED)
mark_as_advanced(CLIPCLS_ICUDATA_LIBRARY)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/icu_data/reduced)
add_custom_command(OUTPUT ${ICU_DATA}
  COMMAND ${CMAKE_OBJCOPY} --output-target=binary --only-section=.rodata ${CLIPCLS_ICUDATA_LIBRARY} ${all_icu_data}
  COMMAND ${CLIPCLS_ICUPKG} --extract nfkc.nrm --destdir . ${all_icu_data}
  COMMAND ${CLIPCLS_ICUPKG} --sourcedir . --add nfkc.nrm new ${ICU_DATA}
  WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/icu_data DEPENDS ${CLIPCLS_ICUDATA_LIBRARY} VERBATIM)
configure_file(${CMAKE_CURRENT_LIST_DIR}/reduced_icu_data.cpp.in ${PROJECT_BINARY_DIR}/icu_data/reduced_icu_data.cpp @ONLY)
set_source_files_properties(${PROJECT_BINARY_DIR}/icu_data/reduced_icu_data.cpp PROPERTIES OBJECT_DEPENDS ${ICU_DATA})
add_library(reduced_icu_data SHARED ${PROJECT_BINARY_DIR}/icu_data/reduced_icu_data.cpp)
target_link_options(reduced_icu_data PRIVATE -nostdlib)
set_target_properties(reduced_icu_data PROPERTIES OUTPUT_NAME icudata SOVERSION ${ICU_MAJOR}
                      CXX_CLANG_TIDY "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/icu_data/library)
