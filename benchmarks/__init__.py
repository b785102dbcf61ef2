"""CPU time of a Carnet request beside a bare uvicorn and asyncpg application; start with `benchmarks/run`."""
