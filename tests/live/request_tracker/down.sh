#!/bin/bash
# Stops the Request Tracker in RT_DIR, by its own pid. Its data stay.
set -uo pipefail
: "${RT_DIR:?set RT_DIR to the folder of up.sh}"
[[ -s $RT_DIR/pid ]] || exit 0
pid=$(<"$RT_DIR/pid")
kill -TERM "$pid" 2>/dev/null
for _ in {1..16}; do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.125
done
kill -KILL -- "-$pid" 2>/dev/null
rm -f "$RT_DIR/pid" "$RT_DIR/url"
