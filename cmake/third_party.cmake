# The libraries that the core stands on, linked statically so that the addon needs only libc and
# libasound. docs/dependencies.md says what each is for.
function(boardcast_static_library target header)
  cmake_parse_arguments(ARG "" "" "NAMES;LINK" ${ARGN})
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  find_path(${target}_INCLUDE ${header} REQUIRED)
  target_include_directories(${target} SYSTEM INTERFACE ${${target}_INCLUDE})
  foreach(name ${ARG_NAMES})
    find_library(${target}_${name} NAMES lib${name}.a REQUIRED)
    target_link_libraries(${target} INTERFACE ${${target}_${name}})
  endforeach()
  target_link_libraries(${target} INTERFACE ${ARG_LINK})
endfunction()

boardcast_static_library(third_party_openh264 wels/codec_api.h NAMES openh264)
boardcast_static_library(third_party_yuv libyuv.h NAMES yuv jpeg)
boardcast_static_library(third_party_openssl openssl/evp.h NAMES ssl crypto
                         LINK Threads::Threads ${CMAKE_DL_LIBS})

# Debian's libopus.a refers to stderr in a way that cannot go into a shared object on x86-64; the
# reference is renamed to a variable of our own (opus_stderr.c beside this file points it at stderr).
find_library(opus_archive NAMES libopus.a REQUIRED)
find_path(opus_include opus/opus.h REQUIRED)
set(opus_relocatable ${CMAKE_BINARY_DIR}/libopus_relocatable.a)
execute_process(
  COMMAND ${CMAKE_OBJCOPY} --redefine-sym stderr=boardcast_opus_stderr
          ${opus_archive} ${opus_relocatable}
  COMMAND_ERROR_IS_FATAL ANY)
add_library(opus_stderr STATIC ${CMAKE_CURRENT_LIST_DIR}/opus_stderr.c)
add_library(third_party_opus INTERFACE)
target_include_directories(third_party_opus SYSTEM INTERFACE ${opus_include})
target_link_libraries(third_party_opus INTERFACE ${opus_relocatable} opus_stderr)

find_package(ALSA REQUIRED)
find_path(highway_include hwy/highway.h REQUIRED)
add_library(third_party_highway INTERFACE)
target_include_directories(third_party_highway SYSTEM INTERFACE ${highway_include})
