//! The demo's administrator: made through Kratos' admin API, with a password of this run.

use std::time::Duration;

use serde_json::json;

use crate::fault::{Fault, Outcome};
use crate::http;
use crate::world::secret;

/// Who may see `/admin`.
pub(super) const EMAIL: &str = "admin@example.com";

/// Makes the identity and returns its password.
pub(super) fn create(admin_port: u16) -> Outcome<String> {
    let password: String = secret::fresh()?.chars().take(16).collect();
    let identity = json!({
        "schema_id": "person",
        "traits": { "email": EMAIL, "name": "Admin" },
        "credentials": { "password": { "config": { "password": password } } },
        "verifiable_addresses": [{ "value": EMAIL, "verified": true, "via": "email", "status": "completed" }],
        "metadata_public": { "roles": ["admin"] },
    });
    let body = identity.to_string();
    let request = http::Request {
        method: "POST",
        port: admin_port,
        target: "/admin/identities",
        headers: &[("Content-Type", "application/json".to_owned())],
        body: body.as_bytes(),
    };
    let fault = |found: String| {
        Fault::new("the administrator of the demo", found)
            .remedy("read the log of Kratos in target/index/logs")
    };
    let response = http::send(&request, Duration::from_secs(30)).map_err(|error| fault(error.to_string()))?;
    if response.status == 201 {
        return Ok(password);
    }
    Err(fault(format!("Kratos answered {}", response.status)).log(response.text()))
}
