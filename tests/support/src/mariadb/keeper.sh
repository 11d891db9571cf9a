#!/bin/sh
# Ends the database server in FOLDER/run when no test has used it for so many SECONDS. Every test process holds a shared
# lock on FOLDER/users while it lives, however it ends; FOLDER/gate is held by whoever starts or ends the server.
folder=$1 patience=$2 idle=0
while [ -d "$folder/run" ]; do
  sleep 1
  if flock --nonblock --exclusive "$folder/users" true; then idle=$((idle + 1)); else idle=0; fi
  [ "$idle" -ge "$patience" ] || continue
  (
    flock --exclusive 9
    flock --nonblock --exclusive "$folder/users" true || exit 0
    for file in "$folder"/run/*.pid; do
      pid=$(cat "$file" 2>/dev/null) || continue
      # A number may have been given to another process meanwhile.
      if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$folder/run"; then kill -KILL "$pid"; fi
    done
    if [ -f "$folder/run/end.sh" ]; then sh "$folder/run/end.sh" >/dev/null 2>&1; fi
    rm -rf "$folder/run"
  ) 9>>"$folder/gate"
done
