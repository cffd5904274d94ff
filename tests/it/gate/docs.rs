//! What the documents say is what the code does.

use edgeward::outcome::Code;
use serde_json::Value;

use super::world::try_gate;
use edgeward::Shell;

fn read(name: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The first fenced block of a language.
fn block(text: &str, language: &str) -> String {
    let (_, rest) = text.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_config_of_the_readme_starts_a_gate() {
    let text = block(&read("README.md"), "toml").replace("ORIGIN_LOCK", "LOCK");
    let document: Value = toml::from_str::<toml::Table>(&text)
        .map(|table| serde_json::to_value(table).unwrap())
        .unwrap();
    try_gate(&document, Shell::FRONT).unwrap_or_else(|errors| panic!("{errors}"));
}

#[test]
fn the_config_that_is_deployed_starts_a_gate() {
    let document: toml::Table = toml::from_str(&read("wrangler.toml")).unwrap();
    let mut document = serde_json::to_value(&document["vars"]["EDGEWARD"]).unwrap();
    document["origin"]["lock"]["env"] = "LOCK".into();
    try_gate(&document, Shell::FRONT).unwrap_or_else(|errors| panic!("{errors}"));
}

#[test]
fn the_config_of_the_database_example_starts_a_gate() {
    let text = read("examples/database-sessions/wrangler.toml").replace("ORIGIN_LOCK", "LOCK");
    let document: toml::Table = toml::from_str(&text).unwrap();
    let document = serde_json::to_value(&document["vars"]["EDGEWARD"]).unwrap();
    try_gate(&document, Shell::FRONT).unwrap_or_else(|errors| panic!("{errors}"));
}

#[test]
fn the_contract_lists_every_code() {
    let text = read("docs/contract.md");
    let (before, rest) = text.split_once("<!-- codes -->\n").unwrap();
    let (listed, after) = rest.split_once("<!-- /codes -->").unwrap();
    let mut wanted = String::from("| code | fault | meaning |\n| --- | --- | --- |\n");
    for code in Code::ALL {
        let fault = format!("{:?}", code.fault()).to_lowercase();
        wanted.push_str(&format!(
            "| `{}` | {fault} | {} |\n",
            code.as_str(),
            code.meaning().trim()
        ));
    }
    if std::env::var_os("EDGEWARD_WRITE_DOCS").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/contract.md");
        std::fs::write(
            path,
            format!("{before}<!-- codes -->\n{wanted}<!-- /codes -->{after}"),
        )
        .unwrap();
        return;
    }
    assert_eq!(listed, wanted, "run this test with EDGEWARD_WRITE_DOCS=1");
}

/// Every `.rs` and `.mjs` file of the tests and the sources, in one text.
fn all_tests() -> String {
    fn collect(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir()
                && !["node_modules", "vectors", "target"]
                    .iter()
                    .any(|skip| name == *skip)
            {
                collect(&path, text);
            } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "mjs") {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut text = String::new();
    for folder in ["src", "tests", "adapters"] {
        collect(
            &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut text,
        );
    }
    text
}

/// Whether a test is called so, or a file of tests stands there.
fn is_test(name: &str, tests: &str) -> bool {
    if name.ends_with(".test.mjs") {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        return std::fs::read_to_string(path).is_ok_and(|text| text.contains("test("));
    }
    let quoted = |quote: char| tests.contains(&format!("{quote}{name}{quote}"));
    tests.contains(&format!("fn {name}(")) || quoted('\'') || quoted('"')
}

/// What the first cell of a row stands for: `6, 8`, `2-3`, `1.10`.
fn rows_of(cell: &str) -> Vec<String> {
    let one = |part: &str| match part.split_once('-') {
        Some((first, last)) => (first.parse::<u32>().unwrap()..=last.parse().unwrap())
            .map(|n| n.to_string())
            .collect(),
        None => vec![part.to_owned()],
    };
    cell.split(',').map(str::trim).flat_map(one).collect()
}

#[test]
fn the_threat_model_names_tests_that_exist() {
    let (model, tests) = (read("docs/threat-model.md"), all_tests());
    let mut named = 0;
    let mut covered = Vec::new();
    for row in model
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
    {
        let cells = row.rsplit('|').nth(1).unwrap();
        for name in cells.split('`').skip(1).step_by(2) {
            assert!(is_test(name, &tests), "no test `{name}`: {row}");
            named += 1;
        }
        let first = row.split('|').nth(1).unwrap().trim();
        if first.starts_with(|c: char| c.is_ascii_digit()) && cells.contains('`') {
            covered.extend(rows_of(first));
        }
    }
    assert!(named > 120, "{named}");
    let classes = (1..=44).chain(46..=54).chain([56]);
    let paragraphs = [(1, 13), (2, 3), (8, 2), (11, 2)];
    let paragraphs = paragraphs
        .into_iter()
        .flat_map(|(part, last)| (1..=last).map(move |n| format!("{part}.{n}")));
    for wanted in classes.map(|n| n.to_string()).chain(paragraphs) {
        assert!(covered.contains(&wanted), "nothing tests {wanted}");
    }
}

/// Checks the names of tests in the last cell of each row; gives how many rows name one, and how many names there are.
fn named_tests(text: &str) -> (usize, usize) {
    let tests = all_tests();
    let (mut rows, mut names) = (0, 0);
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cell = row.rsplit('|').nth(1).unwrap();
        for name in cell.split('`').skip(1).step_by(2) {
            assert!(is_test(name, &tests), "no test `{name}`: {row}");
            names += 1;
        }
        rows += usize::from(cell.contains('`'));
    }
    (rows, names)
}

#[test]
fn the_guides_name_tests_that_exist() {
    let (guide, incident) = (read("docs/kratos.md"), read("docs/incident.md"));
    for (text, begins, rows) in [
        (&guide, "## 4. ", 8),
        (&guide, "## 8. ", 12),
        (&incident, "## Where to look", 4),
    ] {
        let (_, rest) = text.split_once(begins).unwrap();
        let part = rest.split("\n## ").next().unwrap();
        assert_eq!(named_tests(part).0, rows, "{begins}");
    }
}

/// Where the tests of a column of the second table stand: the Worker, Next.js, everywhere else.
const SHELLS: [&[&str]; 3] = [
    &["tests/worker", "tests/browser", "tests/routers"],
    &[
        "tests/npm/next.test.mjs",
        "tests/npm/next-kratos.test.mjs",
        "tests/routers",
    ],
    &["tests/npm/support/holds.mjs", "tests/npm/node.test.mjs"],
];

/// The cells of each row between two marks, by the row's first cell.
fn table(text: &str, mark: &str) -> Vec<(String, Vec<String>)> {
    let (_, rest) = text.split_once(&format!("<!-- {mark} -->")).unwrap();
    let (part, _) = rest.split_once(&format!("<!-- /{mark} -->")).unwrap();
    let rows = part.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| {
        let cells = row.trim_matches('|').split('|');
        let mut cells = cells.map(|cell| cell.trim().to_owned());
        (cells.next().unwrap(), cells.collect())
    })
    .collect()
}

/// Whether a test of this name, or the file of this name, stands there.
fn stands(name: &str, places: &[&str]) -> bool {
    if name.ends_with(".test.mjs") {
        return is_test(name, "") && places.iter().any(|place| name.starts_with(place));
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let texts = places.iter().flat_map(|place| {
        let path = root.join(place);
        let files: Vec<_> = match std::fs::read_dir(&path) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(_) => vec![path],
        };
        files
            .into_iter()
            .filter_map(|file| std::fs::read_to_string(file).ok())
    });
    let mut texts = texts.filter(|text| {
        ['\'', '"']
            .iter()
            .any(|q| text.contains(&format!("test({q}{name}{q}")))
    });
    texts.next().is_some()
}

#[test]
fn each_holds_of_the_shells_names_a_test_in_that_shell() {
    let text = read("docs/shells.md");
    let (kept, tested) = (table(&text, "shells"), table(&text, "tests"));
    assert!(kept.len() > 20);
    let mut names = 0;
    for (row, cells) in &kept {
        let tests = tested.iter().find(|(name, _)| name == row);
        let (_, tests) = tests.unwrap_or_else(|| panic!("no tests of {row}"));
        for (at, cell) in cells.iter().enumerate() {
            let column = [0, 1, 1, 2, 2][at];
            let named: Vec<&str> = tests[column].split('`').skip(1).step_by(2).collect();
            if cell.starts_with("holds") {
                assert!(
                    !named.is_empty(),
                    "{row}, column {at}: holds, and no test says so"
                );
            }
            for name in named {
                assert!(
                    stands(name, SHELLS[column]),
                    "{row}, column {at}: no test `{name}` there"
                );
                names += 1;
            }
        }
    }
    assert_eq!(kept.len(), tested.len());
    assert!(names > 80, "{names}");
}
