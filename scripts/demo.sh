#!/usr/bin/env bash
# The main job from end to end, on a copy of the course in build/demo: release an assignment, make up
# a class of twelve, grade it, and show what came out. Nothing of the real course is touched.
set -euo pipefail
cd "$(dirname "$0")/.."

demo=build/demo
rm -rf "$demo"
mkdir -p "$demo"
cp -r nbgrader_config.py source assignments solutions "$demo"
cd "$demo"

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

say autograder release conv
say autograder simulate conv --students 12 --seed 7
say autograder grade conv --json out.json
say autograder feedback conv
say autograder export conv

cat <<EOF

Open in a browser:   $demo/feedback/student04/conv/index.html
Open as a table:     $demo/grades/conv.csv
The same in JSON:    $demo/out.json
EOF
