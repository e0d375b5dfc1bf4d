"""Run the benchmarks and print their tables: `make bench`, `make bench ARGS="csv lists"`."""
