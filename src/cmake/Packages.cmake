# cpack -G TGZ: a folder that runs where it is unpacked; cpack -G DEB: a Debian package. scripts/package makes both.
set(CPACK_PACKAGE_NAME clipcls)
set(CPACK_PACKAGE_VENDOR "the clipcls authors")
set(CPACK_PACKAGE_CONTACT "the clipcls authors")
set(CPACK_PACKAGE_DESCRIPTION "Ranks labels in plain words for pictures, with a CLIP model: one program on libtorch, no Python at run time.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
string(TOLOWER "${PROJECT_NAME}-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" CPACK_PACKAGE_FILE_NAME)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_MONOLITHIC_INSTALL ON)
set(CPACK_THREADS 0)  # all cores, where the compression can use them

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The libraries that are opened only when they are needed, and what the first of them verifies servers with.
get_property(opened_packages GLOBAL PROPERTY CLIPCLS_OPENED_PACKAGES)
list(JOIN opened_packages ", " opened_packages)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libcurl4, libssl3, ca-certificates, libxml2, ${opened_packages}")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

# Which components go into which package is settled when cpack runs.
configure_file(${PROJECT_SOURCE_DIR}/src/cmake/PackageComponents.cmake.in ${PROJECT_BINARY_DIR}/PackageComponents.cmake @ONLY)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_BINARY_DIR}/PackageComponents.cmake)
include(CPack)
