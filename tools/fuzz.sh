#!/bin/sh
# Every parser under atheris for $2 minutes, two at a time: tools/fuzz.sh BIN MINUTES
set -eu
cd "$(dirname "$0")/.."
bin=$1
seconds=$(($2 * 60))
UV_SYSTEM_CERTS=1 UV_PROJECT_ENVIRONMENT=.venv "$bin/uv" sync --quiet --frozen --inexact --group fuzz
logs=$(mktemp -d)
status=0
pids=""
finish() {
    for pid in $pids; do wait "$pid" || status=1; done
    pids=""
}
count=0
for target in tests/fuzz/fuzz_*.py; do
    "$bin/python" tests/fuzz/instrumented.py "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
        >"$logs/$(basename "$target").log" 2>&1 &
    pids="$pids $!"
    count=$((count + 1))
    [ $((count % 2)) -ne 0 ] || finish
done
finish
for log in "$logs"/*.log; do
    printf '%s: ' "$(basename "$log" .log)"
    grep -E '^Done|ERROR|Uncaught' "$log" || tail -3 "$log"
done
exit $status
