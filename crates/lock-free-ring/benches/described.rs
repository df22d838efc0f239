//! The 32 cases of the document, by its names, on shared shards: the ring it describes.
//! `cargo bench -p lock-free-ring --bench described -- PATTERN`

mod suite;

use criterion::{BenchmarkId, Criterion, Throughput};
use suite::{COUNTERS, Case};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let described = |case: &Case| matches!(case.subject, "shared" | COUNTERS);
    for case in suite::all().into_iter().filter(described) {
        measure(&mut criterion, &case);
    }
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, case: &Case) {
    let time = |iterations| case.run(iterations, &mut |_| ());
    match case.name.split_once('/') {
        Some((group, parameter)) => {
            criterion
                .benchmark_group(group)
                .throughput(Throughput::Elements(case.items))
                .bench_function(BenchmarkId::from_parameter(parameter), |bencher| {
                    bencher.iter_custom(time);
                });
        }
        None => {
            criterion.bench_function(&case.name, |bencher| bencher.iter_custom(time));
        }
    }
}
