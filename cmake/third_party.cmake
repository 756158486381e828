# The libraries that the core stands on, linked statically so that the addon needs only libc and
# libasound. docs/dependencies.md says what each is for.

# Some of Debian's static libraries refer to stderr in a way that cannot go into a shared object on
# x86-64. For libraries named after RENAME_STDERR the reference is renamed, in a copy of the archive,
# to a variable of our own, which static_stderr.c points at stderr.
add_library(static_stderr STATIC ${CMAKE_CURRENT_LIST_DIR}/static_stderr.c)

function(boardcast_static_library target header)
  cmake_parse_arguments(ARG "" "" "NAMES;RENAME_STDERR;LINK" ${ARGN})
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  find_path(${target}_INCLUDE ${header} REQUIRED)
  target_include_directories(${target} SYSTEM INTERFACE ${${target}_INCLUDE})
  foreach(name ${ARG_NAMES} ${ARG_RENAME_STDERR})
    find_library(${target}_${name} NAMES lib${name}.a REQUIRED)
    set(archive ${${target}_${name}})
    if(name IN_LIST ARG_RENAME_STDERR)
      set(renamed ${CMAKE_BINARY_DIR}/third_party/lib${name}.a)
      file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/third_party)
      execute_process(
        COMMAND ${CMAKE_OBJCOPY} --redefine-sym stderr=boardcast_static_stderr ${archive} ${renamed}
        COMMAND_ERROR_IS_FATAL ANY)
      set(archive ${renamed} static_stderr)
    endif()
    target_link_libraries(${target} INTERFACE ${archive})
  endforeach()
  target_link_libraries(${target} INTERFACE ${ARG_LINK})
endfunction()

boardcast_static_library(third_party_openh264 wels/codec_api.h NAMES openh264)
boardcast_static_library(third_party_yuv libyuv.h NAMES yuv RENAME_STDERR jpeg)
boardcast_static_library(third_party_speexdsp speex/speex_resampler.h RENAME_STDERR speexdsp)
boardcast_static_library(third_party_opus opus/opus.h RENAME_STDERR opus)
boardcast_static_library(third_party_openssl openssl/evp.h NAMES ssl crypto
                         LINK Threads::Threads ${CMAKE_DL_LIBS})

find_package(ALSA REQUIRED)
find_path(highway_include hwy/highway.h REQUIRED)
add_library(third_party_highway INTERFACE)
target_include_directories(third_party_highway SYSTEM INTERFACE ${highway_include})
