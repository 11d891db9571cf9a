#!/usr/bin/env bash
# The suites of `./dev test`, one after the other; sourced by ./dev, which has set up what they need.
# Each suite NAME is a function suite_NAME here and a function needs_NAME there.
#
# A suite passes when nothing in it failed *and* something in it ran: a runner that finds no test is a failure.
# Counts are read from the runners' own closing lines, which stay visible and are kept below artefacts/test.

readonly suites="style server rust ui e2e demo"

run_suites() {
  local wanted=${*:-$suites} suite begun ended status counts passed failed
  local all_passed=0 all_failed=0 table=""
  for suite in $wanted; do
    case " $suites " in *" $suite "*) ;; *) fail "there is no suite \`$suite\`; there are: $suites" ;; esac
  done
  for suite in $wanted; do "needs_$suite"; done
  rm -rf "${artefacts:?}/test"
  mkdir -p "$artefacts/test"
  for suite in $wanted; do
    printf '\n=== %s\n' "$suite"
    begun=$(date +%s)
    set +e
    (
      set -e
      "suite_$suite"
    ) 2>&1 | tee "$artefacts/test/$suite.log"
    status=${PIPESTATUS[0]}
    set -e
    ended=$(date +%s)
    counts=$(count_results "$artefacts/test/$suite.log")
    passed=${counts% *}
    failed=${counts#* }
    # A suite that ended badly without a failed test, or that ran none at all, is itself the failure.
    if [ "$failed" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$passed" -eq 0 ]; }; then failed=1; fi
    all_passed=$((all_passed + passed))
    all_failed=$((all_failed + failed))
    table+=$(printf '%-8s %6s passed %5s failed %7s s' "$suite" "$passed" "$failed" $((ended - begun)))$'\n'
  done
  printf '\n%s\n%s passed, %s failed\n' "$table" "$all_passed" "$all_failed"
  [ "$all_failed" -eq 0 ]
}

# "<passed> <failed>", summed over the closing lines in the log $1 of: ./dev's checks, nextest, cargo test, vitest and
# node's test runner (both of its spellings).
count_results() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    function before(word,   at) { # the number that stands right before the word
      for (at = 2; at <= NF; at++) if ($at ~ "^" word "[,;)]*$" && $(at - 1) ~ /^[(]?[0-9]+$/) { gsub(/[^0-9]/, "", $(at - 1)); return $(at - 1) }
      return 0
    }
    /^checks: [0-9]+ passed, [0-9]+ failed$/ { passed += before("passed"); failed += before("failed") }
    /^ *Summary \[.*tests? run:/ { passed += before("passed"); failed += before("failed") + before("timed") + before("exec") }
    /^test result: / { passed += before("passed"); failed += before("failed") }
    /^ *Tests  / { passed += before("passed"); failed += before("failed") }
    /^(#|ℹ) pass [0-9]+$/ { passed += $3 }
    /^(#|ℹ) fail [0-9]+$/ { failed += $3 }
    END { printf "%d %d", passed, failed }'
}

# The counting above against closing lines as each runner writes them.
counts_as_told() {
  local sample
  sample=$(mktemp)
  cat >"$sample" <<'TXT'
     Summary [   4.106s] 20 tests run: 17 passed (2 slow), 2 failed, 1 timed out, 3 skipped
test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
 Test Files  2 passed (2)
      Tests  1 failed | 11 passed (12)
# tests 6
# pass 5
# fail 1
ℹ pass 3
ℹ fail 0
checks: 7 passed, 1 failed
TXT
  set -- "$(count_results "$sample")" "$(count_results /dev/null)"
  rm -f "$sample"
  printf 'counted %s and %s, there are 47 6 and 0 0\n' "$1" "$2"
  [ "$1" = "47 6" ] && [ "$2" = "0 0" ]
}

# --- single checks ----------------------------------------------------------------------------------------------

checks_passed=0
checks_failed=0

# Runs one check of the name $1; its output is shown only when it fails.
check() {
  local name=$1 begun output
  shift
  begun=$(date +%s)
  if output=$("$@" 2>&1); then
    checks_passed=$((checks_passed + 1))
    printf 'ok      %s (%s s)\n' "$name" $(($(date +%s) - begun))
  else
    checks_failed=$((checks_failed + 1))
    printf 'FAILED  %s (%s s)\n%s\n' "$name" $(($(date +%s) - begun)) "$output"
  fi
}

end_of_checks() {
  printf 'checks: %s passed, %s failed\n' "$checks_passed" "$checks_failed"
  [ "$checks_failed" -eq 0 ]
}

# --- suites -----------------------------------------------------------------------------------------------------

suite_style() {
  need_node_modules ui
  check "counting of results" counts_as_told
  check "rustfmt" cargo fmt --all --check
  check "rustfmt, of the card" tests/card/cargo.sh fmt --check
  check "arrows between crates" cargo run --quiet -p xtask -- arrows
  check "length of files, migrations" cargo run --quiet -p xtask -- files
  check "spelling" typos
  check "licences, sources, banned crates" cargo deny --locked check --hide-inclusion-graph bans licenses sources
  check "licences and sources of the card" tests/card/cargo.sh deny --locked check --hide-inclusion-graph bans licenses sources
  check "shell scripts" shellcheck --external-sources dev tests/card/cargo.sh .ci/run tests/suites.sh tests/cross.sh icons/render.sh tests/support/src/mariadb/*.sh
  check "page: types, formats, lints" npm --prefix ui run --silent check
  # The window carries the page inside, so that even clippy needs the page.
  check "page builds" build_ui
  # With the tests that only a live SQL Server can run, so that they do not rot where there is none.
  check "clippy" cargo clippy --locked --workspace --all-targets --features store-sql/live-mssql --keep-going --quiet -- -D warnings
  check "clippy, of the card" tests/card/cargo.sh clippy --locked --quiet --target-dir "$CARGO_TARGET_DIR/card" -- -D warnings
  check "bindings are fresh" cargo run --quiet -p xtask --features bindings -- bindings --check
  check "database scripts are fresh" cargo run --quiet -p xtask --features grants -- grants --check
  end_of_checks
}

suite_server() {
  check "the server program builds without a warning" builds_cleanly
  check "it starts without a screen" env -u DISPLAY -u WAYLAND_DISPLAY "${server_binary:?}" --version
  check "it links no webview library" links_no_webview "$server_binary"
  end_of_checks
}
builds_cleanly() {
  local told
  told=$(build_server 2>&1) || { printf '%s\n' "$told" && return 1; }
  printf '%s\n' "$told"
  ! grep -q '^warning' <<<"$told"
}
links_no_webview() {
  local libraries
  libraries=$(ldd "$1") || return 1
  printf '%s\n' "$libraries"
  ! grep -qiE 'webkit|javascriptcore|gtk|gdk|libsoup|libssl|libcrypto' <<<"$libraries"
}

# Leaves the reports of the stories with many daemons and the table test × database of the store in artefacts/reports.
suite_rust() {
  local status=0 live=() junit=target/nextest/ci/junit.xml # the runner keeps it beside the sources
  build_ui
  rm -rf "${artefacts:?}/reports" "$junit"
  # Built here, so that no test's time runs out over it.
  tests/card/cargo.sh build --locked --target-dir "$CARGO_TARGET_DIR/card"
  [ -z "${SEALWRIGHT_TEST_MSSQL_URL:-}" ] || live=(--features store-sql/live-mssql)
  SEALWRIGHT_ARTEFACTS=$artefacts cargo nextest run --locked --workspace --profile ci "${live[@]}" || status=$?
  python3 tests/conformance/table.py "$junit" "$artefacts/reports" || status=1
  [ "$status" -eq 0 ] || return "$status"
  # rustdoc builds every crate to find its examples, so it is asked only where there are some.
  if has_examples; then cargo test --locked --workspace --doc --quiet; fi
}
# Does any comment open a fence of Rust code, that is, one without a language or with `rust`?
has_examples() {
  find src-tauri tests xtask -name '*.rs' -exec awk '
    FNR == 1 { inside = 0 }
    /^ *\/\/[\/!] *```/ { if (!inside && $0 ~ /```(rust.*|no_run|should_panic|edition.*)?$/) found = 1; inside = !inside }
    END { exit !found }' {} +
}

suite_ui() {
  need_node_modules ui
  npm --prefix ui test
}

suite_e2e() {
  build_window
  need_node_modules tests/ui
  SEALWRIGHT_BINARY=${window_binary:?} SEALWRIGHT_ARTEFACTS=$artefacts npm --prefix tests/ui test
}

# What a newcomer starts first, and what it must say.
suite_demo() {
  local report=$artefacts/demo.json
  if ! ./dev demo --headless --json --people 25 --mailboxes 2 >"$report"; then
    check "the demo ends well" false
    end_of_checks
    return
  fi
  jq . "$report"
  check "it prints one JSON object" expect "$report" 'type == "object"'
  check "everybody is there" expect "$report" '.people == 25 and .mailboxes == 2'
  # Everybody one for mail and one for signing in, each mailbox one for mail.
  check "everybody has certificates" expect "$report" '.certificates == 52 and .skipped == []'
  check "all are delivered" expect "$report" '.delivered == .certificates and .deliveries >= .certificates'
  check "all open on all devices" expect "$report" '.opened_on_devices == .certificates and .device_failures == []'
  check "canary mails are read" expect "$report" '.canaries_decrypted == 27'
  check "all encryption keys are archived" expect "$report" '.archived == 27 and .to_be_archived == 27'
  check "archived keys are recovered" expect "$report" '.recovered > 0'
  check "nothing is there twice or left over" expect "$report" '.duplicates == 0 and .in_flight == 0'
  check "the week goes as it should" expect "$report" '(.week | length) == 7 and all(.week[]; .failed == [] and .came != [])'
  check "it says where the time went" expect "$report" '.seconds.total > 0'
  end_of_checks
}
expect() { jq --exit-status --slurp "length == 1 and (.[0] | $2)" "$1"; }
