# The component `development`: the headers for programs outside, static libraries and what find_package(clipcls) reads.
include(CMakePackageConfigHelpers)
set_target_properties(clipcls_core PROPERTIES EXPORT_NAME core)
set_target_properties(clipcls_torch PROPERTIES EXPORT_NAME torch)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/clipcls)

install(TARGETS clipcls_core clipcls_torch EXPORT clipclsTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(EXPORT clipclsTargets NAMESPACE clipcls:: DESTINATION ${package_folder} COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/clipcls DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/clipclsConfig.cmake.in ${PROJECT_BINARY_DIR}/clipclsConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
# Before 1.0 every minor version may change the headers.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/clipclsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/clipclsConfig.cmake ${PROJECT_BINARY_DIR}/clipclsConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT development)
