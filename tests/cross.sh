#!/usr/bin/env bash
# Builds the program without its window for Windows, and the tests of keys in its certificate stores, and runs of both what
# Wine can; sourced by ./dev.
#
# Takes about twenty processor minutes the first time, so it is run by hand and not in `./dev test`. It proves that
# everything below the window compiles, links and runs there; releases for Windows are built on Windows.
# The toolchain is Debian's: its compiler comes with the sources of the standard library, which is built along.

readonly windows=x86_64-pc-windows-gnu
readonly packages_cross="rustc-web cargo-web rust-web-src gcc-mingw-w64-x86-64-win32 g++-mingw-w64-x86-64-posix
  binutils-mingw-w64-x86-64 wine wine64 nasm perl make jq"

build_for_windows() {
  # shellcheck disable=SC2086 # names of packages, apart
  need_packages $packages_cross
  export CARGO_TARGET_DIR=${cache:?}/target-windows RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
  export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
  export CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc-win32 CXX_x86_64_pc_windows_gnu=x86_64-w64-mingw32-g++-posix
  export AR_x86_64_pc_windows_gnu=x86_64-w64-mingw32-ar
  /usr/bin/cargo build -Zbuild-std=std,panic_unwind --target $windows --no-default-features --bin sealwright

  local built=$CARGO_TARGET_DIR/$windows/debug
  random_for_wine "$built"
  export WINEPREFIX=$cache/wine WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
  wine "$built/sealwright.exe" --version
  wine "$built/sealwright.exe" demo --headless --json --people 3 --mailboxes 1 >"$built/demo.json"
  jq --exit-status '.people == 3 and .duplicates == 0 and .opened_on_devices >= .delivered' "$built/demo.json"
  # No certificate store has a key here, and no module shows a token: it looks at the first and misses the second.
  wine "$built/sealwright.exe" kra tokens >"$built/tokens.txt" 2>&1 || true
  grep --quiet 'none of the usual PKCS#11 modules' "$built/tokens.txt"
  certificate_stores "$built"
  say "./dev: the program runs on Windows as far as Wine can tell"
}

# Keys in Windows' certificate stores. What only Windows itself does (its provider decrypts and agrees; Wine's does not) is
# compiled and linked here and run by `cargo test -p kra` on Windows; what needs OpenSSL's program runs everywhere else.
certificate_stores() {
  random_for_wine "$1/deps"
  CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine /usr/bin/cargo test -Zbuild-std=std,panic_unwind --target $windows -p kra --lib -- \
    certificate_store address --skip operation --skip windows_itself
}

# Wine 8 lacks the library from which Rust's standard library draws randomness: one function over an older one.
random_for_wine() {
  cat >"$1/random.c" <<'C'
#include <windows.h>
BOOLEAN WINAPI SystemFunction036(PVOID buffer, ULONG length);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
  return SystemFunction036(data, (ULONG)length) ? TRUE : FALSE;
}
C
  x86_64-w64-mingw32-gcc -shared -o "$1/bcryptprimitives.dll" "$1/random.c" -ladvapi32
}
