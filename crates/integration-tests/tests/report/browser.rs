//! The page in a real Chromium, which `cargo test` alone cannot ask for: `make test-report`.

use crate::pages;
use integration_tests::report::html::render;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The checks themselves are in `tests/report/page.test.mjs`: they steer the browser through
/// Playwright, and look at the pages that are written here.
#[test]
#[ignore = "needs Chromium and node: `make test-report` installs both and runs it"]
fn the_page_works_in_a_real_browser() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    fs::create_dir_all(&folder).unwrap();
    for (name, results) in pages::all() {
        let page = render(&results).unwrap();
        println!("{name}.html: {} cases, {} bytes", results.cases.len(), page.len());
        fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
    let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report");
    let node = Command::new("node")
        .args(["--test", "--test-reporter=spec", "page.test.mjs"])
        .env("REPORT_PAGES", &folder)
        .current_dir(checks)
        .status()
        .expect("node starts");
    assert!(node.success(), "the browser found something wrong");
}
