#!/usr/bin/env bash
# Runs the tests on SQLite, those that need a database on PostgreSQL too, and then, without company, the rooms named as
# arguments (browser, faults, bench). With REQUIRE_SERVICES=1 the coverage of the first two, joined, is a gate.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
slow=(--ignore=tests/browser --ignore=tests/faults --ignore=tests/bench)
failed=0

run() { # run LABEL PYTEST-ARGUMENT...: remembers a failure, forgives "no tests"
  echo "--- $1"
  shift
  "$bin/python" -m pytest -q "$@"
  local status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 5 ] || failed=1
}

# Rooms of real processes. A machine that is busy with something else is a fault that nobody asked for: who fails in company
# shows alone whether it was that.
room() { # room NAME PYTEST-ARGUMENT...
  echo "--- $1"
  local name=$1
  shift
  "$bin/python" -m pytest -q "$@" "tests/$name"
  local status=$?
  if [ "$status" -eq 1 ]; then
    run "$name that failed, once more and alone" --last-failed "tests/$name"
  elif [ "$status" -ne 0 ]; then
    failed=1
  fi
}

together=(-n 2 --dist worksteal)
# Counting lines makes the tests half as slow again, so only those who ask for the gate wait for it.
[ "${REQUIRE_SERVICES:-0}" = 1 ] && together+=(--cov --cov-report=)
rm -f .coverage .coverage.*
COVERAGE_FILE=.coverage.sqlite run "tests on SQLite" "${together[@]}" "${slow[@]}" tests
# Where PostgreSQL is not installed that is one line, not one for each test; where services are required, a failure.
if missing=$("$bin/python" -W ignore -m tests.services) || [ "${REQUIRE_SERVICES:-0}" = 1 ]; then
  TEST_DATABASE=postgres COVERAGE_FILE=.coverage.postgres run "tests on PostgreSQL" "${together[@]}" "${slow[@]}" tests
else
  echo "--- tests on PostgreSQL skipped: $missing"
fi
for name in "$@"; do
  case $name in
    faults) room faults -n 4 ;; # they mostly wait for leases to end, so several wait at once
    *) room "$name" ;;
  esac
done

if [ "${REQUIRE_SERVICES:-0}" = 1 ]; then
  echo "--- coverage of consent/ and tenants/"
  "$bin/coverage" combine -q && "$bin/coverage" report --fail-under="${COVERAGE_GATE:-0}" || failed=1
fi
exit "$failed"
