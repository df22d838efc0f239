//! The table for the terminal.

use crate::machine::Machine;
use crate::report::figure;
use crate::report::row::{Report, Row, ours, ranked};
use std::fmt::{Result, Write};

/// A table for each group.
pub(crate) fn table(report: &Report) -> String {
    let mut text = String::new();
    let done = write_all(&mut text, report);
    debug_assert!(done.is_ok(), "a string takes all");
    text
}

fn write_all(out: &mut String, report: &Report) -> Result {
    write_machine(out, &report.machine, &report.commit)?;
    let mut case = "";
    for rows in report.groups() {
        let group = &rows[0].group;
        if group.case.name() != case {
            case = group.case.name();
            writeln!(out, "\n== {case}: {} ==", group.case.what())?;
        }
        write_group(out, &report.machine, rows)?;
    }
    Ok(())
}

fn write_machine(out: &mut String, machine: &Machine, commit: &str) -> Result {
    writeln!(out, "{}, {} cores, {}", machine.cpu, machine.cores, machine.kernel)?;
    writeln!(out, "{}, commit {commit}, {}", machine.rustc, machine.date)?;
    let wire = |wire: &std::collections::BTreeMap<usize, f64>| {
        let each = wire.iter().map(|(producers, ns)| format!("{producers}: {}", figure(*ns)));
        each.collect::<Vec<_>>().join(", ")
    };
    writeln!(out, "a line, one way {} ns", figure(machine.line_one_way_ns))?;
    writeln!(out, "wire, ns an item by producers: {}", wire(&machine.wire_ns))?;
    writeln!(out, "wire of 1450 B: {}", wire(&machine.wire_1450_ns))?;
    writeln!(out, "contended fetch-add {} ns", figure(machine.fetch_add_ns))?;
    writeln!(out, "copy of 1450 B, read {} ns", figure(machine.copy_1450_ns))
}

fn write_group(out: &mut String, machine: &Machine, rows: &[Row]) -> Result {
    let (bound, bound_ns) = machine.bound(&rows[0].group);
    let latencies = rows.iter().any(|row| row.latency_ns.is_some());
    let own = ours(rows).map_or(f64::NAN, Row::value_ns);
    writeln!(out, "\n{}", rows[0].group.title())?;
    write!(out, "{:<38}{:>9}{:>8}{:>8}{:>9}", "", "median ns", "± MAD", "CPU ns", "× ours")?;
    write!(out, "{:>18}", format!("of {bound}"))?;
    let columns = if latencies { "     p50      p99     p999" } else { "" };
    writeln!(out, "{columns}  api")?;
    for row in ranked(rows) {
        let spread = row.ns_per_item;
        write!(out, "{:<38}{:>9}", row.subject, figure(spread.median))?;
        write!(out, "{:>8}{:>8}", figure(spread.mad), figure(row.cpu_ns_per_item))?;
        write!(out, "{:>9}", figure(row.value_ns() / own))?;
        write!(out, "{:>18}", figure(bound_ns / row.value_ns()))?;
        if let Some(latency) = row.latency_ns {
            write!(out, "{:>8} {:>8} {:>8}", latency.p50, latency.p99, latency.p999)?;
        }
        let failed = if row.verified { "" } else { "FAILED  " };
        writeln!(out, "  {failed}{}", row.api)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::row::tests::report;

    #[test]
    fn a_failing_subject_is_there_and_marked() {
        let text = table(&report());
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line("document").contains("FAILED"));
        assert!(line("gil/guard").contains("1.50"));
        assert!(!line("gil/guard").contains("FAILED"));
    }
}
