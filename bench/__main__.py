"""Run every bench that decides a default: `make benches`."""

from bench import calibration, encoders, follow_ups, fusion, published, reading, reranking, samples

for bench in (samples, follow_ups, encoders, fusion, reranking, reading, calibration, published):
    print(f"\n{bench.__name__}: {(bench.__doc__ or '').splitlines()[0]}", flush=True)
    bench.main()
