//! The rows as text, and between the marks in docs/PERFORMANCE.md.

use super::{Group, Row};
use crate::tools::Result;
use std::path::Path;

const BEGIN: &str = "<!-- table: written by `cargo xtask bench --bless` -->";
const END: &str = "<!-- end of table -->";

/// The geometric mean of the ratios of one metric.
fn geomean(rows: &[Row], metric: &str) -> Option<f64> {
    let logs: Vec<f64> = rows.iter().filter(|r| r.metric == metric).map(|r| r.ratio().ln()).collect();
    (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
}

pub fn text(groups: &[Group]) -> String {
    let mut text = String::new();
    for group in groups {
        text.push_str(&format!(
            "{}\n\n| | metric | Goxide | Go 1.27.3 | ratio |\n|---|---|---|---|---|\n",
            group.title
        ));
        for r in &group.rows {
            text.push_str(&format!(
                "| {} | {} | {:.3} | {:.3} | {:.2} |\n",
                r.name,
                r.metric,
                r.ours,
                r.theirs,
                r.ratio()
            ));
        }
        let mut metrics: Vec<&str> = Vec::new();
        group.rows.iter().for_each(|r| {
            if !metrics.contains(&r.metric) {
                metrics.push(r.metric);
            }
        });
        for metric in metrics {
            if let Some(mean) = geomean(&group.rows, metric).filter(|_| group.rows.len() > 3) {
                text.push_str(&format!("\nGeomean of the ratios, {metric}: {mean:.2}."));
            }
        }
        text.push_str("\n\n");
    }
    text.trim_end().into()
}

/// Puts the tables between the marks.
pub fn write(path: &Path, groups: &[Group], runs: usize) -> Result<()> {
    let old = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let (Some(begin), Some(end)) = (old.find(BEGIN), old.find(END)) else {
        return Err(format!("{}: the table's marks are missing", path.display()));
    };
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or(":unknown");
    let model = model.split_once(':').map_or("unknown", |(_, m)| m.trim());
    let threads = cpu.lines().filter(|l| l.starts_with("processor")).count();
    let head =
        format!("{BEGIN}\nMachine: {model}, {threads} processors. Best of {runs} runs each, in turn.\n\n");
    let new = format!("{}{head}{}\n{}", &old[..begin], text(groups), &old[end..]);
    std::fs::write(path, new).map_err(|e| format!("{}: {e}", path.display()))
}
