"""Run every bench: `make bench`."""

from bench import encoders, fusion, published, samples

for bench in (samples, encoders, fusion, published):
    print(f"\n{bench.__name__}: {(bench.__doc__ or '').splitlines()[0]}", flush=True)
    bench.main()
