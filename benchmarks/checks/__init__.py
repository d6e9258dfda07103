"""Parts of `bench_checks`: what is watched, a small centre, the peer, and how CPU time is read."""
