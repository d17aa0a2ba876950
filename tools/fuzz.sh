#!/bin/sh
# Fuzzes each parser with atheris: $1 the folder of the environment's programs, $2 minutes for each.
# A finding is kept in build/fuzz/ and ends the run with an error once every parser had its turn.
set -eu
bin=$1
minutes=${2:-10}
case $minutes in
'' | *[!0-9]*) echo "minutes must be a whole number / 分钟数须为整数: $minutes" >&2; exit 2 ;;
esac
UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=$(dirname "$bin") \
    "$bin/uv" sync --quiet --frozen --inexact --group fuzz
if ! "$bin/python" -c 'import atheris' 2>/dev/null; then
    echo "atheris needs Python 3.11; this is $("$bin/python" --version) / atheris 需要 Python 3.11" >&2
    exit 1
fi
findings=build/fuzz
mkdir -p "$findings"
failed=""
for target in tests/fuzz/fuzz_*.py; do
    name=$(basename "$target" .py)
    log=$findings/$name.log
    echo "$name: $minutes min"
    if "$bin/python" tests/fuzz/instrumented.py "$target" "-max_total_time=$((minutes * 60))" \
        "-artifact_prefix=$findings/$name-" -print_final_stats=1 -verbosity=1 -timeout=10 -rss_limit_mb=4096 \
        >"$log" 2>&1; then
        grep -E '^stat::number_of_executed_units|^Done ' "$log" || tail -n 3 "$log"
    else
        failed="$failed $name"
        tail -n 30 "$log"
    fi
done
if [ -n "$failed" ]; then
    echo "findings in $findings/ by:$failed / 发现问题" >&2
    exit 1
fi
