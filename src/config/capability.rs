//! A config that a format cannot keep is an error, at its key, with the way out (semantics 5.4).

use super::FormatConfig;
use super::read::Table;

/// Holds the keys of `[session]` against what the format can.
pub(crate) fn check(table: &mut Table<'_>, format: &FormatConfig, accepts: bool) {
    let can = format.recipe.can;
    let own = format.is_own();
    let writes = own
        || table
            .get("write")
            .is_some_and(|n| n.value().as_bool() == Some(true));
    let bearer = |words: &str| words.contains("\"bearer\"");
    let rows: [(&'static str, bool, &str, &str); 10] = [
        (
            "write",
            writes && !own && !(can.seal && can.roll),
            "`write = false`: this format is read-only",
            "its library renews it; the gate cannot, or must not",
        ),
        (
            "write",
            own && table.get("write").is_some(),
            "nothing: the own format is always written",
            "",
        ),
        (
            "idle",
            !writes && table.get("idle").is_some(),
            "nothing: the app decides how long a read-only format lives",
            "remove it, or set `write = true`",
        ),
        (
            "absolute",
            !writes && table.get("absolute").is_some(),
            "nothing: the app decides how long a read-only format lives",
            "remove it, or set `write = true`",
        ),
        (
            "audience",
            !can.audience && table.get("audience").is_some(),
            "nothing: values of this format are not bound to the gate's audience",
            "formats with an `aud` of their own have a key of their own for it",
        ),
        (
            "not_before",
            !can.born && table.get("not_before").is_some(),
            "nothing: this format does not know when a session began",
            "rotate the secret instead",
        ),
        (
            "dev_cookie",
            !own && table.get("dev_cookie").is_some(),
            "nothing: foreign formats list their names under `cookie`",
            "",
        ),
        (
            "from",
            !can.bearer && table.get("from").is_some_and(|n| bearer(&n.value().to_string())),
            "`from = [\"cookie\"]`: this format is no bearer token",
            "",
        ),
        (
            "accept",
            accepts && !writes,
            "`accept` beside a format that the gate writes",
            "use `edgeward`, or set `write = true`",
        ),
        (
            "accept",
            accepts && !can.adopt,
            "`accept` beside a format that can hold sessions of others",
            "its values need tokens that only its issuer makes",
        ),
    ];
    for (key, wrong, accepted, fix) in rows {
        if wrong && let Some(node) = table.get(key) {
            node.refuse("config.capability", accepted, fix);
        }
    }
    if writes && !own {
        for key in ["idle", "absolute"] {
            table.need(
                key,
                "a duration: with `write = true` the gate decides how long a session lives",
            );
        }
    }
}
