#!/bin/sh
# Grade on a dask cluster: a scheduler and two workers, here all on one machine.
#     sh grade_on_a_cluster.sh SUBMITTED OUT
set -eu
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 # a process each, and one thread in each
scratch=$(mktemp -d)
trap 'kill $started 2>/dev/null || true; wait || true; rm -rf "$scratch"' EXIT

dask scheduler --host 127.0.0.1 --port 0 --no-dashboard --scheduler-file "$scratch/scheduler.json" 2>"$scratch/log" &
started=$!
for worker in 1 2; do
  dask worker --scheduler-file "$scratch/scheduler.json" --nthreads 1 --no-dashboard \
    --local-directory "$scratch/$worker" 2>>"$scratch/log" &
  started="$started $!"
done

until grep -q "Registered to" "$scratch/log"; do sleep 0.2; done
address=$(python -c 'import json, sys; print(json.load(open(sys.argv[1]))["address"])' "$scratch/scheduler.json")
autograder grade "$1" --out "$2" --cluster "$address"
