//! What the real iron-session 9.0.1 and 8.0.4 sealed, the clock, the passwords, and what we seal.

use edgeward::base::{Entropy, Secret};
use edgeward::iron::{self, PasswordError, Passwords};

use crate::jose_support::{json, str};

const NOW_MS: u64 = 1_790_000_000_000;
const PASSWORD: &str = "a password of at least 32 characters";

#[test]
fn library_rows() {
    for library in ["iron-session-9.0.1", "iron-session-8.0.4"] {
        let rows = json(&format!("{library}/seals.json"));
        assert_eq!(rows.as_array().unwrap().len(), 16);
        for row in rows.as_array().unwrap() {
            let name = str(row, "name");
            // The library seals with the highest id, so it stands first.
            let mut listed: Vec<(&str, Secret)> = row["passwords"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(id, password)| (id.as_str(), Secret::new(password.as_str().unwrap())))
                .collect();
            listed.reverse();
            let passwords = Passwords::new(listed).unwrap();
            match iron::unseal(str(row, "seal"), &passwords, NOW_MS) {
                Ok(unsealed) => {
                    assert_eq!(
                        unsealed.payload,
                        str(row, "payload").as_bytes(),
                        "{library}: {name}"
                    );
                    assert!(unsealed.by_iron_session, "{library}: {name}");
                    assert_eq!(
                        unsealed.expires_at_ms.is_none(),
                        name.ends_with("without end"),
                        "{name}"
                    );
                }
                Err(error) => assert_eq!(Some(error.code()), row["refused"].as_str(), "{library}: {name}"),
            }
        }
    }
}

/// A seal opens until a minute after its expiration, as the library has it: 59 seconds past opens, 61 do not.
#[test]
fn expiration() {
    let passwords = Passwords::single(Secret::new(PASSWORD)).unwrap();
    let seal = |at| iron::seal(b"{}", &passwords, at, &mut Entropy::from_seed([9; 32])).unwrap();
    let sealed = seal(Some(NOW_MS));
    for (now, opens) in [
        (0, true),
        (NOW_MS, true),
        (NOW_MS + 59_999, true),
        (NOW_MS + 60_000, false),
        (NOW_MS + 61_000, false),
        (u64::MAX, false),
    ] {
        let outcome = iron::unseal(&sealed, &passwords, now).map(|unsealed| unsealed.expires_at_ms);
        assert_eq!(
            outcome,
            if opens {
                Ok(Some(NOW_MS))
            } else {
                Err(iron::UnsealError::Expired)
            },
            "{now}"
        );
    }
    for endless in [seal(None), seal(Some(0))] {
        assert_eq!(
            iron::unseal(&endless, &passwords, u64::MAX)
                .unwrap()
                .expires_at_ms,
            None
        );
    }
    // Sixteen digits are read back, a seventeenth is not written.
    assert!(iron::unseal(&seal(Some(9_999_999_999_999_999)), &passwords, NOW_MS).is_ok());
    let beyond = iron::seal(
        b"{}",
        &passwords,
        Some(10_000_000_000_000_000),
        &mut Entropy::from_seed([9; 32]),
    );
    assert_eq!(beyond.unwrap_err().code(), "iron.expiration");
}

#[test]
fn rotation() {
    let (old, new) = (
        "the old password, at least 32 characters",
        "the new password, at least 32 characters",
    );
    let only_old = Passwords::single(Secret::new(old)).unwrap();
    let both = Passwords::new([("2", Secret::new(new)), ("1", Secret::new(old))]).unwrap();
    let only_new = Passwords::new([("2", Secret::new(new))]).unwrap();
    let sealed = |passwords| iron::seal(b"{}", passwords, None, &mut Entropy::from_seed([1; 32])).unwrap();
    assert!(iron::unseal(&sealed(&only_old), &both, 0).is_ok());
    let by_both = sealed(&both);
    assert_eq!(iron::peek_password_id(&by_both), Some("2"));
    assert!(iron::unseal(&by_both, &only_new, 0).is_ok());
    assert_eq!(
        iron::unseal(&by_both, &only_old, 0).unwrap_err().code(),
        "iron.unknown_password"
    );
}

#[test]
fn passwords() {
    let password = |text: &str| Secret::new(text);
    let long = "x".repeat(32);
    let many: Vec<String> = (0..17).map(|n| n.to_string()).collect();
    type Row<'a> = (Vec<(&'a str, Secret)>, Option<PasswordError>);
    let rows: [Row<'_>; 12] = [
        (vec![], Some(PasswordError::Count)),
        (
            many.iter().map(|id| (id.as_str(), password(&long))).collect(),
            Some(PasswordError::Count),
        ),
        (
            many[1..]
                .iter()
                .map(|id| (id.as_str(), password(&long)))
                .collect(),
            None,
        ),
        (
            vec![("1", password(&"x".repeat(31)))],
            Some(PasswordError::TooShort),
        ),
        (
            vec![("1", password(&"é".repeat(31)))],
            Some(PasswordError::TooShort),
        ),
        // Counted as the library counts: UTF-16 code units, of which these 16 characters have 32.
        (vec![("1", password(&"𝄞".repeat(16)))], None),
        (
            vec![("1", Secret::new(vec![0xff; 64]))],
            Some(PasswordError::TooShort),
        ),
        (vec![("", password(&long))], Some(PasswordError::Id)),
        (vec![("a*b", password(&long))], Some(PasswordError::Id)),
        (
            vec![("1", password(&long)), ("1", password(&long))],
            Some(PasswordError::Id),
        ),
        (vec![("default", password(&long))], None),
        (
            vec![("x".repeat(65).leak(), password(&long))],
            Some(PasswordError::Id),
        ),
    ];
    for (listed, expected) in rows {
        let ids: Vec<_> = listed.iter().map(|(id, _)| (*id).to_owned()).collect();
        assert_eq!(Passwords::new(listed).err(), expected, "{ids:?}");
    }
}

#[test]
fn an_empty_id_means_default() {
    let secret = || Secret::new(PASSWORD);
    let sealed = iron::seal(
        b"{}",
        &Passwords::new([("default", secret())]).unwrap(),
        None,
        &mut Entropy::from_seed([1; 32]),
    )
    .unwrap();
    assert_eq!(iron::peek_password_id(&sealed), Some("default"));
    assert!(iron::unseal(&sealed, &Passwords::new([("default", secret())]).unwrap(), 0).is_ok());
}

/// Salts and initialization vector are drawn anew, and no two of a seal are the same.
#[test]
fn fresh_draws() {
    let passwords = Passwords::single(Secret::new(PASSWORD)).unwrap();
    let mut entropy = Entropy::from_seed([5; 32]);
    let [first, second] = [(); 2].map(|()| iron::seal(b"{}", &passwords, None, &mut entropy).unwrap());
    let fields = |seal: &str| seal.split('*').map(str::to_owned).collect::<Vec<_>>();
    let (first, second) = (fields(&first), fields(&second));
    for field in [2, 3, 4, 6, 7] {
        assert_ne!(first[field], second[field]);
    }
    assert_ne!(first[2], first[6]);
}

#[test]
fn too_large_to_seal() {
    let passwords = Passwords::single(Secret::new(PASSWORD)).unwrap();
    let mut entropy = Entropy::from_seed([5; 32]);
    let largest = (0..65_536).rev().find(|size| {
        let sealed = iron::seal(&vec![b'x'; *size], &passwords, Some(NOW_MS), &mut entropy);
        sealed.is_ok_and(|sealed| iron::unseal(&sealed, &passwords, 0).is_ok())
    });
    assert!(largest.is_some_and(|size| size > 48_000), "{largest:?}");
    let beyond = iron::seal(&[b'x'; 65_536], &passwords, None, &mut entropy);
    assert_eq!(beyond.unwrap_err().code(), "iron.too_large");
}
