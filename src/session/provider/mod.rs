//! One short recipe per format that exists in the wild.

pub mod jwt;
