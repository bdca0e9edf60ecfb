# What `cmake --install` puts under the prefix, by component:
#   program    the program, models, manual page, completions, licence
#   libtorch   what the program loads of libtorch, stripped, in a folder of its own
#   libraries  the other shared libraries, but for glibc; only with `--component libraries`: a system has its own
# The program finds all of it relative to itself, so that the prefix may be moved.
set(is_libtorch_installed ON)
if(TARGET torch_cuda)  # it needs gigabytes of NVIDIA's libraries from other folders
  set(is_libtorch_installed OFF)
endif()
option(CLIPCLS_INSTALL_LIBTORCH "Install the libtorch that the program runs with beside it" ${is_libtorch_installed})
set(library_folder ${CMAKE_INSTALL_LIBDIR}/clipcls)
set(module_rpath "$ORIGIN")
if(NOT CLIPCLS_INSTALL_LIBTORCH)
  # CMake's own way to say this leaves out folders inside the source tree, and there .venv lies.
  string(APPEND module_rpath ":${TORCH_INSTALL_PREFIX}/lib")
endif()
set_target_properties(clipcls PROPERTIES INSTALL_RPATH "$ORIGIN/../${library_folder}")
set_target_properties(clipcls_torch_module PROPERTIES INSTALL_RPATH "${module_rpath}")

install(TARGETS clipcls RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(TARGETS clipcls_torch_module LIBRARY DESTINATION ${library_folder} COMPONENT program)
install(CODE "set(clipcls_program \"$<TARGET_FILE:clipcls>\")
set(clipcls_data \"${CMAKE_INSTALL_DATADIR}\")
set(clipcls_man \"${CMAKE_INSTALL_MANDIR}\")" COMPONENT program)
install(SCRIPT ${PROJECT_SOURCE_DIR}/src/cmake/InstallShellFiles.cmake COMPONENT program)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/clipcls/models COMPONENT program
        PATTERN README.md EXCLUDE PATTERN ZOO.md EXCLUDE)

# The READMEs, and what they link to, lie as in the repository, so that their links lead somewhere.
set(documents LICENSE README.md src/report/result.schema.json models/ZOO.md models/everyday/CREDITS.md models/everyday/cat.jpg models/everyday/rocket.jpg models/everyday/shark.png
    tests/bench/throughput.svg tests/fuzz/results.json tests/soak/results.json)
foreach(folder models scripts src tests)
  file(GLOB_RECURSE readmes CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${folder}/README.md)
  list(APPEND documents ${readmes})
endforeach()
list(FILTER documents EXCLUDE REGEX node_modules)  # of scripts/everyday, where it was run
foreach(document ${documents})
  cmake_path(GET document PARENT_PATH folder)
  install(FILES ${PROJECT_SOURCE_DIR}/${document} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder} COMPONENT program)
endforeach()

# Debian's policy wants the list of changes compressed, and without the time of that.
set(changelog ${PROJECT_SOURCE_DIR}/scripts/packaging/changelog)
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${changelog})
execute_process(COMMAND gzip --best --no-name --stdout ${changelog} OUTPUT_FILE ${PROJECT_BINARY_DIR}/changelog.gz COMMAND_ERROR_IS_FATAL ANY)
install(FILES ${PROJECT_BINARY_DIR}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

# libxml2 is opened for --write-xmp. libcurl and libcrypto, opened to fetch models, are left to the system: they need
# its security updates and its certificates.
set(libxml2 "")
if(CLIPCLS_WITH_PHOTOS)
  find_library(CLIPCLS_LIBXML2 NAMES xml2 REQUIRED)
  file(REAL_PATH ${CLIPCLS_LIBXML2} libxml2)
  string(REGEX REPLACE "(\\.so\\.[0-9]+).*$" "\\1" libxml2 "${libxml2}")  # the name that it is opened by
endif()
find_program(CLIPCLS_PATCHELF patchelf)
mark_as_advanced(CLIPCLS_LIBXML2 CLIPCLS_PATCHELF)
file(GLOB torch_licences ${TORCH_INSTALL_PREFIX}/../torch-*.dist-info/licenses ${TORCH_INSTALL_PREFIX}/../nvidia_cuda_*.dist-info/licenses)

# ICU's data would be a tenth of the tar.gz.
include(ReducedIcuData)
function(install_shared_libraries which component)
  install(CODE "set(clipcls_libraries ${which})
set(clipcls_program \"$<TARGET_FILE:clipcls>\")
set(clipcls_module \"$<TARGET_FILE:clipcls_torch_module>\")
set(clipcls_opened \"${libxml2}\")
set(clipcls_icudata \"$<$<TARGET_EXISTS:reduced_icu_data>:$<TARGET_FILE:reduced_icu_data>>\")
set(clipcls_torch \"${TORCH_INSTALL_PREFIX}\")
set(clipcls_torch_licences \"${torch_licences}\")
set(clipcls_library_folder \"${library_folder}\")
set(clipcls_licences \"${CMAKE_INSTALL_DOCDIR}/licences\")
set(clipcls_stripped \"${PROJECT_BINARY_DIR}/stripped\")
set(clipcls_strip \"${CMAKE_STRIP}\")
set(clipcls_patchelf \"${CLIPCLS_PATCHELF}\")" COMPONENT ${component} ${ARGN})
  install(SCRIPT ${PROJECT_SOURCE_DIR}/src/cmake/InstallSharedLibraries.cmake COMPONENT ${component} ${ARGN})
endfunction()
if(CLIPCLS_INSTALL_LIBTORCH)
  install_shared_libraries(libtorch libtorch)
endif()
install_shared_libraries(others libraries EXCLUDE_FROM_ALL)
