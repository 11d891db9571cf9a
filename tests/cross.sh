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
  a_home_of_its_own "$built"
  # No certificate store has a key here, and no module shows a token: it looks at the first and misses the second.
  wine "$built/sealwright.exe" kra tokens >"$built/tokens.txt" 2>&1 || true
  grep --quiet 'none of the usual PKCS#11 modules' "$built/tokens.txt"
  certificate_stores "$built"
  say "./dev: the program runs on Windows as far as Wine can tell"
}

# A home on an embedded database: an authority, a recovery agent whose file OpenSSL opens, and a log that is whole. There is no
# demo here: Wine's TLS refuses every certificate for which it finds no revocation list, as no Windows does.
a_home_of_its_own() {
  local home opened=$1/agent
  home=$(mktemp -d)
  export SEALWRIGHT_VAULT=file
  (
    cd "$home" || exit
    wine "$1/sealwright.exe" --home home --json init --authority "Wine CA" --pki-url http://pki.example.com/ >init.json
    jq --exit-status '.founded' init.json >/dev/null
    wine "$1/sealwright.exe" --home home --json kra create "Agent on Windows" --out agent.p12 --out-password agent.password >agent.json
    openssl pkcs12 -in agent.p12 -passin file:agent.password -nodes -out "$opened.pem"
    openssl x509 -in "$opened.pem" -noout -subject | grep --quiet "Agent on Windows"
    wine "$1/sealwright.exe" --home home --json audit verify | jq --exit-status '.intact and .entries > 2' >/dev/null
    # What it finds wrong (no tenant) ends with 3.
    wine "$1/sealwright.exe" --home home --json doctor >doctor.json || [ $? -eq 3 ]
    jq --exit-status '[.findings[] | select(.what == "database" or .what == "clock" or .what == "audit log") | .verdict] == ["good", "good", "good"]' \
      doctor.json >/dev/null
  )
  rm -rf "$home" "$opened.pem"
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
