# opened_library(NAME FILE SOURCE): SOURCE, of clipcls_core, opens a library when it is needed (see base/shared_library.h)
# and so builds with its headers alone. FILE is the library that was found. SOURCE gets CLIPCLS_NAME_SONAME, the name under
# which exactly that one is opened, and CLIPCLS_NAME_PACKAGE, Debian's package that has it, which the Debian package of clipcls
# recommends.
function(opened_library name file source)
  get_filename_component(file "${file}" REALPATH)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${file} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  if(NOT headers MATCHES "SONAME +(([^ \n]+)\\.so\\.([^ \n]+))")
    message(FATAL_ERROR "${file} has no soname: clipcls opens it when it is needed, and so needs a shared library")
  endif()
  set(soname ${CMAKE_MATCH_1})
  set(stem ${CMAKE_MATCH_2})
  set(version ${CMAKE_MATCH_3})
  # Debian's rule: name and version, with a hyphen where the name ends in a digit.
  set(package ${stem}${version})
  if(stem MATCHES "[0-9]$")
    set(package ${stem}-${version})
  endif()
  set_property(GLOBAL APPEND PROPERTY CLIPCLS_OPENED_PACKAGES ${package})
  set_source_files_properties(
    ${source} TARGET_DIRECTORY clipcls_core
    PROPERTIES COMPILE_DEFINITIONS "CLIPCLS_${name}_SONAME=\"${soname}\";CLIPCLS_${name}_PACKAGE=\"${package}\"")
endfunction()
