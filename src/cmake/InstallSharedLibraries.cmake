# Runs at installation: puts the shared libraries that the program loads, all of them and no other, into one folder.
#   clipcls_libraries    libtorch (those that lie where libtorch lies, and those of CUDA's that its wheel loads) or others (what is
#                        left, but for glibc)
#   clipcls_program, clipcls_module   the program and its module in the build tree
#   clipcls_opened       libraries that the program opens with dlopen
#   clipcls_icudata      what takes the place of ICU's data, if anything
#   clipcls_torch, clipcls_torch_licences   folders of libtorch and, where it is a wheel, of its licences and of CUDA's
#   clipcls_library_folder, clipcls_licences   where to, under the prefix
#   clipcls_stripped     keeps what was stripped, as libtorch takes seconds;  clipcls_strip, clipcls_patchelf: tools
cmake_policy(VERSION 3.25)

# glibc is the system's, always: it comes with the loader and the kernel's interface.
set(glibc "^(ld-linux.*|lib(c|m|dl|pthread|rt))\\.so(\\.[0-9]+)?$")
file(GET_RUNTIME_DEPENDENCIES EXECUTABLES "${clipcls_program}" LIBRARIES "${clipcls_module}" ${clipcls_opened}
     RESOLVED_DEPENDENCIES_VAR loaded PRE_EXCLUDE_REGEXES "${glibc}")
list(APPEND loaded ${clipcls_opened})

# The copyright file of the Debian package that `library` comes from.
function(install_debian_licence library)
  find_program(DPKG_QUERY dpkg-query)
  if(NOT DPKG_QUERY)
    message(WARNING "No dpkg-query: the licence of ${library} is not installed; add it before you pass the package on.")
    return()
  endif()
  cmake_path(GET library FILENAME name)
  cmake_path(GET library PARENT_PATH folder)
  cmake_path(GET folder FILENAME folder)  # the rest of the path is /lib here and /usr/lib there
  execute_process(COMMAND "${DPKG_QUERY}" --search "*/${folder}/${name}" OUTPUT_VARIABLE owner COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "[:,].*" "" package "${owner}")
  file(INSTALL "/usr/share/doc/${package}/copyright" DESTINATION "${CMAKE_INSTALL_PREFIX}/${clipcls_licences}"
       RENAME "${package}" FOLLOW_SYMLINK_CHAIN)
endfunction()

if(clipcls_libraries STREQUAL "others" AND NOT clipcls_patchelf)
  message(FATAL_ERROR "The component `libraries` needs patchelf; `scripts/setup package` installs it. Then configure again.")
endif()
cmake_path(REPLACE_FILENAME clipcls_torch nvidia OUTPUT_VARIABLE clipcls_cuda)  # where pip puts CUDA's libraries
file(MAKE_DIRECTORY "${clipcls_stripped}")
file(LOCK "${clipcls_stripped}" DIRECTORY TIMEOUT 600)  # one installation from a build at a time
foreach(library IN LISTS loaded)
  cmake_path(IS_PREFIX clipcls_torch "${library}" NORMALIZE is_libtorch)
  if(NOT is_libtorch)
    cmake_path(IS_PREFIX clipcls_cuda "${library}" NORMALIZE is_libtorch)
  endif()
  if(is_libtorch AND NOT clipcls_libraries STREQUAL "libtorch" OR NOT is_libtorch AND clipcls_libraries STREQUAL "libtorch")
    continue()
  endif()
  cmake_path(GET library FILENAME name)
  set(stripped "${clipcls_stripped}/${name}")
  file(REAL_PATH "${library}" source)
  if(clipcls_icudata AND name MATCHES "^libicudata\\.so")
    set(source "${clipcls_icudata}")
  endif()
  if("${source}" IS_NEWER_THAN "${stripped}")
    execute_process(COMMAND "${clipcls_strip}" --strip-unneeded -o "${stripped}.part" "${source}" COMMAND_ERROR_IS_FATAL ANY)
    if(NOT is_libtorch)  # libtorch's look beside themselves already
      execute_process(COMMAND "${clipcls_patchelf}" --set-rpath "$ORIGIN" "${stripped}.part" COMMAND_ERROR_IS_FATAL ANY)
    endif()
    file(RENAME "${stripped}.part" "${stripped}")
  endif()
  file(INSTALL "${stripped}" DESTINATION "${CMAKE_INSTALL_PREFIX}/${clipcls_library_folder}" TYPE SHARED_LIBRARY)
  if(NOT is_libtorch)
    install_debian_licence("${library}")
  endif()
endforeach()
if(clipcls_libraries STREQUAL "libtorch")
  foreach(licences ${clipcls_torch_licences})
    string(REGEX MATCH "nvidia_[a-z_]*" name "${licences}")
    file(INSTALL "${licences}/" DESTINATION "${CMAKE_INSTALL_PREFIX}/${clipcls_licences}/libtorch/${name}")
  endforeach()
endif()
file(LOCK "${clipcls_stripped}" DIRECTORY RELEASE)
